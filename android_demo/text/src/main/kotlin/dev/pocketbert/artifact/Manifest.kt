package dev.pocketbert.artifact

import dev.pocketbert.task.Task

/** manifest.json (docs/artifact.md section 3), validated; what a reader need not look at is not here. */
data class Manifest(
    val minor: Int,
    val container: Container,
    val compute: Digest,
    val entries: Map<String, Digest>,
    val task: Task,
    val output: Output,
    val lengths: Lengths,
    val vocabularySize: Int,
    val quantization: String,
    val tokenizer: TokenizerOptions,
    val leastRuntime: String,
    val metrics: Map<String, Double>,
)

/** Size in bytes and SHA-256 in lower-case hex. */
data class Digest(val size: Int, val sha256: String)

/** The graph's one output: float32 `[1, size]`. */
data class Output(val name: String, val kind: OutputKind, val size: Int)

enum class OutputKind { LOGITS, PROBABILITIES, VALUE }

/** How many tokens the graph takes. */
sealed interface Lengths {
    val longest: Int

    /** Every n from [min] to [max], without padding. */
    data class Exact(val min: Int, val max: Int) : Lengths {
        override val longest get() = max
    }

    /** Exactly these n, padded. */
    data class Static(val lengths: List<Int>) : Lengths {
        override val longest get() = lengths.max()
    }
}

/** `tokenizer` of the manifest; [wordPiece] is null where only the reference library gives the right ids. */
data class TokenizerOptions(
    val kind: String,
    val specialTokensInText: Boolean,
    val maxLength: Int,
    val padId: Int,
    val wordPiece: WordPieceOptions?,
)

data class WordPieceOptions(
    val clsId: Int,
    val sepId: Int,
    val unkId: Int,
    val prefix: String,
    val maxCharacters: Int,
)
