package dev.pocketbert.artifact

import dev.pocketbert.tokenizer.Encoding
import dev.pocketbert.tokenizer.Tokenizer
import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

/**
 * A sealed file whose seal held (docs/artifact.md): every size and hash was checked before this object came to be.
 * Safe to share between threads.
 *
 * @property manifest what the file says of itself, validated.
 */
class Artifact private constructor(private val whole: ByteBuffer, val manifest: Manifest, private val parts: Map<String, ByteBuffer>) {
    /** The whole file, read-only, position 0, the machine's byte order; mapped where it came from a file. A new view each time. */
    val bytes: ByteBuffer get() = whole.asReadOnlyBuffer().order(ByteOrder.nativeOrder())

    /** SHA-256 of the whole file in hex. */
    val sha256: String by lazy { whole.sha256() }

    // Both are read here and not when they are first asked for: what is wrong with them must come out before a runtime opens the file.

    /** The vectors to check the file with. */
    val golden: Golden = readGolden(parts.getValue(GOLDEN), manifest)

    /** The tokenizer that the file carries: it gives the reference's ids, for where it could not the file was refused. */
    val tokenizer: Tokenizer = openTokenizer()

    /** An entry's bytes, read-only and little-endian; null where the file has none of that name. */
    fun entry(name: String): ByteBuffer? = parts[name]?.let { it.part(0, it.limit()) }

    /**
     * The graph's inputs for a text, or a pair for a pair model: tokenized, truncated, padded for static lengths, checked.
     * Throws [ArtifactException] when a second text is missing or too much.
     */
    fun encode(text: String, pair: String? = null): Inputs {
        if (manifest.task.pair && pair == null) throw ArtifactException("this model compares two texts: give both.")
        if (!manifest.task.pair && pair != null) throw ArtifactException("this model takes one text, not two.")
        return inputs(tokenizer.encode(text, pair))
    }

    /** The graph's inputs for tokens of [tokenizer]: padded for static lengths, checked. */
    fun inputs(encoding: Encoding): Inputs = inputsOf(encoding, manifest).also { check(it) }

    /** Throws [ArtifactException] for inputs that the graph was not made for: runtimes may end the process on them. */
    fun check(inputs: Inputs): Unit = checkInputs(inputs, manifest)

    private fun openTokenizer(): Tokenizer {
        val vocabulary = entry(VOCABULARY)
        val normalizer = entry(NORMALIZER)
        // both are there where the manifest has tokenizer.wordpiece: it was refused otherwise
        if (manifest.tokenizer.wordPiece == null || vocabulary == null || normalizer == null) {
            throw ArtifactException(
                "the file's tokenizer (${quoted(manifest.tokenizer.kind)}) runs in Hugging Face's own library only, and this app has " +
                    "BERT's WordPiece. Train with a plain BERT tokenizer to use the model here.",
            )
        }
        return Tokenizer(manifest.tokenizer, vocabulary, normalizer)
    }

    companion object {
        /** Reads a file by mapping it. Throws [ArtifactException] for every file that breaks a MUST of the page. */
        fun read(file: File): Artifact = try {
            if (!file.exists()) throw ArtifactException("no such file.")
            if (file.isDirectory) throw ArtifactException("this is a folder. Give the .pte, .tflite or .onnx file in it.")
            RandomAccessFile(file, "r").use {
                val size = it.length()
                if (size > Int.MAX_VALUE) throw ArtifactException("the file has $size bytes, and a sealed file has less than 2^31.")
                if (size == 0L) read(ByteBuffer.allocate(0)) else read(it.channel.map(FileChannel.MapMode.READ_ONLY, 0, size))
            }
        } catch (refused: ArtifactException) {
            throw ArtifactException("${file.name}: ${refused.message}", refused)
        } catch (failed: IOException) {
            throw ArtifactException("${file.name} cannot be read: ${failed.message}.", failed)
        }

        /**
         * Reads bytes from position to limit; they must not change afterwards.
         *
         * @throws ArtifactException for all that breaks a MUST of the page.
         */
        fun read(bytes: ByteBuffer): Artifact {
            val whole = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN)
            try {
                val zip = readSealedZip(whole) ?: throw ArtifactException(notSealed(whole))
                val manifest = readManifest(zip.entries.getValue(MANIFEST))
                checkContainer(whole, zip.start, manifest)
                val parts = zip.entries - MANIFEST
                checkEntries(parts, manifest)
                return Artifact(whole, manifest, parts)
            } catch (refused: ArtifactException) {
                throw ArtifactException(otherKind(whole) ?: throw refused, refused)
            }
        }
    }
}
