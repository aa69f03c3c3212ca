package dev.pocketbert.artifact

import dev.pocketbert.tokenizer.Encoding

/** The graph's inputs for tokens: as they are for exact lengths, padded to the smallest static length that fits. */
internal fun inputsOf(encoding: Encoding, manifest: Manifest): Inputs {
    val used = encoding.ids.size
    val length = when (val lengths = manifest.lengths) {
        is Lengths.Exact -> used
        is Lengths.Static -> lengths.lengths.filter { it >= used }.minOrNull() ?: used
    }
    val ids = encoding.ids.copyOf(length)
    ids.fill(manifest.tokenizer.padId, used, length)
    return Inputs(ids, IntArray(length) { if (it < used) 1 else 0 }, encoding.types.copyOf(length))
}

/** docs/artifact.md section 4, "before every call": runtimes do not check these, and some end the process. */
internal fun checkInputs(inputs: Inputs, manifest: Manifest) {
    val length = inputs.ids.size
    if (inputs.mask.size != length || inputs.types.size != length) {
        throw ArtifactException("ids, mask and types must have one length, not $length, ${inputs.mask.size} and ${inputs.types.size}.")
    }
    when (val lengths = manifest.lengths) {
        is Lengths.Exact -> if (length !in lengths.min..lengths.max) {
            throw ArtifactException("$length tokens: the graph takes ${lengths.min} to ${lengths.max}.")
        }
        is Lengths.Static -> if (length !in lengths.lengths) {
            throw ArtifactException("$length tokens: the graph takes exactly ${lengths.lengths.joinToString(" or ")}.")
        }
    }
    inputs.ids.forEachIndexed { i, id ->
        if (id !in 0 until manifest.vocabularySize) {
            throw ArtifactException("id $id at position $i: the model has ids 0 to ${manifest.vocabularySize - 1}.")
        }
    }
    val ones = inputs.mask.takeWhile { it == 1 }.size
    if (ones == 0 || (ones until length).any { inputs.mask[it] != 0 }) {
        throw ArtifactException("the mask must be ones, at least one, and then zeros.")
    }
    if (inputs.types.any { it != 0 && it != 1 }) throw ArtifactException("token types must be 0 or 1.")
}
