package dev.pocketbert

import android.content.Context
import android.net.Uri
import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.SelfCheck
import dev.pocketbert.engines.TextEngine
import dev.pocketbert.engines.openEngine
import dev.pocketbert.task.Label
import dev.pocketbert.task.Task
import java.io.File

/**
 * A sealed file, opened: `PocketBert.open(context, "intents.tflite").use { it.classify("wake me at six") }`.
 *
 * Safe to share between threads; calls take turns. Opening reads and hashes the whole file, and a call computes: keep both off
 * the main thread. Every function throws [ArtifactException] with a message for people; after [close], too.
 *
 * @property artifact what the file says of itself: `artifact.manifest` with its task, lengths and metrics.
 */
class PocketBert private constructor(val artifact: Artifact, private val engine: TextEngine) : AutoCloseable {
    private val turn = Any()

    /** Name and version of the runtime as far as it tells, e.g. "onnxruntime 1.26.0". */
    val runtime: String get() = engine.runtime

    /**
     * All labels with their scores, best first; the scores add up to 1.
     *
     * @param pair the second text of a file for pairs.
     */
    fun classify(text: String, pair: String? = null): List<Label> {
        if (artifact.manifest.task !is Task.Classification) throw noLabels()
        return labels(outputs(text, pair))
    }

    /** What [outputs] gave, as labels with their scores, best first. */
    fun labels(outputs: FloatArray): List<Label> {
        val task = artifact.manifest.task as? Task.Classification ?: throw noLabels()
        return task.decode(outputs, artifact.manifest.output.kind)
    }

    /**
     * The value that a regression file predicts, in the task's unit.
     *
     * @param pair the second text of a file for pairs.
     */
    fun value(text: String, pair: String? = null): Float {
        val task = artifact.manifest.task as? Task.Regression ?: throw noValue()
        return task.decode(outputs(text, pair))
    }

    /** The graph's raw output columns: logits, probabilities or the value, as `artifact.manifest.output.kind` says. */
    fun outputs(text: String, pair: String? = null): FloatArray = outputs(artifact.encode(text, pair))

    /** The same for inputs of `artifact.encode`, for who times tokenizer and model apart. */
    fun outputs(inputs: Inputs): FloatArray {
        artifact.check(inputs)
        return synchronized(turn) { engine.run(inputs) }
    }

    /** The pieces that the model reads, special tokens included, such as `[CLS] wake me at six [SEP]`. */
    fun tokenize(text: String, pair: String? = null): List<String> {
        val tokenizer = artifact.tokenizer
        return tokenizer.encode(text, pair).ids.map(tokenizer::piece)
    }

    /**
     * Runs the file's golden vectors and compares with what the file gave when it was sealed (docs/artifact.md section 6).
     *
     * @param progress hears (done, total) after each vector, on the calling thread.
     */
    fun selfCheck(progress: (Int, Int) -> Unit = { _, _ -> }): SelfCheck =
        dev.pocketbert.artifact.selfCheck(artifact, progress) { inputs -> synchronized(turn) { engine.run(inputs) } }

    /** Frees the runtime's model; a second call does nothing. */
    override fun close() = synchronized(turn) { engine.close() }

    companion object {
        /**
         * Opens a sealed file.
         *
         * @param file a `.pte`, `.tflite` or `.onnx` of pocketbert; it must not change while it is open.
         * @param threads of the runtime; 1 is fastest for short texts on most phones. ExecuTorch has one count in a process: while a
         *   `.pte` is open, another is refused with a different one, and calls to all of them take turns.
         */
        @JvmStatic
        @JvmOverloads
        fun open(file: File, threads: Int = 1): PocketBert {
            val artifact = Artifact.read(file) // its errors name the file
            return naming(file.name) { open(artifact, file, threads) }
        }

        /**
         * Opens a sealed file in `assets/`. It must be stored uncompressed (`noCompress`). A `.tflite` and an `.onnx` are read in
         * place; a `.pte` is copied once to the app's code cache, since ExecuTorch opens files only.
         *
         * @param asset path inside `assets/`, e.g. "intents.tflite".
         */
        @JvmStatic
        @JvmOverloads
        fun open(context: Context, asset: String, threads: Int = 1): PocketBert =
            naming(asset) {
                val (artifact, file) = fromAsset(context, asset)
                open(artifact, file, threads)
            }

        /** Opens a file that the user picked in the system's file dialogue; it is copied to the app's cache first. */
        @JvmStatic
        @JvmOverloads
        fun open(context: Context, uri: Uri, threads: Int = 1): PocketBert =
            naming(name(uri)) {
                val (artifact, file) = fromUri(context, uri)
                open(artifact, file, threads)
            }

        /**
         * Opens what has been read already.
         *
         * @param file where exactly these bytes lie; only a `.pte` needs it.
         */
        @JvmStatic
        @JvmOverloads
        fun open(artifact: Artifact, file: File?, threads: Int = 1): PocketBert = PocketBert(artifact, openEngine(artifact, file, threads))

        /**
         * An asset as a file of its own, for [Artifact.read] and [open] with a file: a copy in the app's code cache, checked against
         * the asset. It may be deleted a week after its last use.
         *
         * @param asset as in [open]; it must be stored uncompressed.
         */
        @JvmStatic
        fun file(context: Context, asset: String): File = naming(asset) { copiedAsset(context, asset).file() }

        /**
         * What the user picked in the system's file dialogue, as a file of its own: a copy in the app's cache. Open it at once; a
         * later copy deletes it, which what is open does not mind.
         */
        @JvmStatic
        fun file(context: Context, uri: Uri): File = naming(name(uri)) { fromUri(context, uri).file() }

        private fun Found.file(): File = requireNotNull(file)

        private fun name(uri: Uri): String = uri.lastPathSegment ?: uri.toString()

        private inline fun <T> naming(name: String, open: () -> T): T =
            try {
                open()
            } catch (error: ArtifactException) {
                throw ArtifactException("$name: ${error.message}", error)
            }
    }
}

private fun noValue() = ArtifactException("this file gives labels, not a value: call classify.")

private fun noLabels() = ArtifactException("this file gives a value, not labels: call value.")
