package dev.pocketbert.bench

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.Lengths
import dev.pocketbert.tokenizer.Encoding
import kotlin.math.max
import kotlin.math.round

/** The file's golden texts, a text or a pair each, thinned out evenly to [most]; and what they are, in words. */
internal fun goldenTexts(artifact: Artifact, most: Int): Pair<List<List<String>>, String> {
    val given = artifact.golden.vectors.map { it.texts }
    if (given.size <= most) return given to "the golden texts of the file"
    val chosen = List(most) { i -> given[round(i * (given.size - 1.0) / max(1, most - 1)).toInt()] }
    return chosen to "the golden texts of the file, $most of ${given.size} evenly"
}

internal fun Artifact.encoded(texts: List<String>): Encoding = tokenizer.encode(texts[0], texts.getOrNull(1))

/** The distribution of the lengths of what was measured. */
internal fun described(source: String, encoded: List<Encoding>): Texts {
    val lengths = encoded.map { it.ids.size.toDouble() }.sorted()
    return Texts(
        source = source,
        count = encoded.size,
        tokensMin = lengths.first().toInt(),
        tokensP50 = percentile(lengths, 50.0),
        tokensP90 = percentile(lengths, 90.0),
        tokensMax = lengths.last().toInt(),
        truncated = encoded.count { it.truncated },
    )
}

/**
 * Length -> the texts run together and cut to exactly that many tokens, the closing separator kept. Lengths that the file does not
 * take are left out; the longest that it takes is always there if the text allows.
 */
internal fun ofLengths(artifact: Artifact, texts: List<List<String>>, wanted: List<Int>): Map<Int, Inputs> {
    val takes = artifact.manifest.lengths
    val parts = texts.first().indices.map { part -> texts.joinToString(" ") { it[part] } }
    if (parts.all { it.isBlank() }) return emptyMap()
    val long = parts.map { part ->
        val times = (takes.longest * CHARACTERS_A_TOKEN + part.length) / max(part.length, 1)
        List(times) { part }.joinToString(" ")
    }
    val whole = artifact.encoded(long)
    val least = max(3, (takes as? Lengths.Exact)?.min ?: 0) // a token between the special ones; a static length is padded to
    val lengths = (wanted.filter { it in least..whole.ids.size } + whole.ids.size).distinct().sorted()
    return lengths.associateWith { n -> cut(whole, n, artifact).also { artifact.check(it) } }
}

private fun cut(whole: Encoding, length: Int, artifact: Artifact): Inputs {
    fun kept(row: IntArray) = row.copyOf(length - 1) + row.last()
    val manifest = artifact.manifest
    val padded = when (val lengths = manifest.lengths) {
        is Lengths.Exact -> length
        is Lengths.Static -> lengths.lengths.filter { it >= length }.min()
    }
    val ids = IntArray(padded) { manifest.tokenizer.padId }
    kept(whole.ids).copyInto(ids)
    return Inputs(ids, IntArray(padded) { if (it < length) 1 else 0 }, kept(whole.types).copyOf(padded))
}

// A WordPiece token is 4 characters of English on average and seldom more than 20 of anything.
private const val CHARACTERS_A_TOKEN = 20
