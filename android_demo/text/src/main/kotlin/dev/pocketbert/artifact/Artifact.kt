package dev.pocketbert.artifact

import dev.pocketbert.tokenizer.Tokenizer
import java.io.File
import java.nio.ByteBuffer

/**
 * A sealed file whose seal held (docs/artifact.md): every size and hash was checked before this object came to be.
 *
 * @property bytes the whole file, read-only, position 0; mapped where it came from a file. Runtimes take it as it is.
 */
class Artifact private constructor(val bytes: ByteBuffer, val manifest: Manifest) {
    /** SHA-256 of the whole file in hex. */
    val sha256: String by lazy { TODO() }

    /** The tokenizer that the file carries. Throws [ArtifactException] where a port cannot give the reference's ids. */
    val tokenizer: Tokenizer by lazy { TODO() }

    /** The vectors to check the file with. */
    val golden: Golden by lazy { TODO() }

    /** An entry's bytes, read-only; null where the file has none of that name. */
    fun entry(name: String): ByteBuffer? = TODO(name)

    /**
     * The graph's inputs for a text, or a pair for a pair model: tokenized, truncated, padded for static lengths, checked.
     * Throws [ArtifactException] when a second text is missing or too much.
     */
    fun encode(text: String, pair: String? = null): Inputs = TODO(text + pair)

    /** Throws [ArtifactException] for inputs that the graph was not made for: runtimes may end the process on them. */
    fun check(inputs: Inputs): Unit = TODO(inputs.toString())

    companion object {
        /** Reads a file by mapping it. Throws [ArtifactException] for every file that breaks a MUST of the page. */
        fun read(file: File): Artifact = TODO(file.path)

        /** Reads bytes from position to limit; they must not change afterwards. */
        fun read(bytes: ByteBuffer): Artifact = TODO(bytes.toString())
    }
}
