package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs

/** A runtime that holds one file's graph. Not safe to share between threads: [dev.pocketbert.PocketBert] takes turns. */
interface TextEngine : AutoCloseable {
    /** Name and version of the runtime as far as it tells, e.g. "onnxruntime 1.26.0". */
    val runtime: String

    /**
     * The raw output columns, a new array. [inputs] must have passed [dev.pocketbert.artifact.Artifact.check].
     *
     * Throws [ArtifactException] when the runtime fails, gives another shape than the manifest says, or was closed.
     */
    fun run(inputs: Inputs): FloatArray

    /** Frees the model; a second call does nothing. */
    override fun close()
}

internal fun closedModel() = ArtifactException("this model has been closed: open the file again.")

private const val MAX_QUOTED = 300 // characters: a graph's names may be of any length

/** The graph and the manifest disagree, which only a wrongly sealed file can bring about. */
internal fun wrongGraph(found: String) =
    ArtifactException("the graph is not the one that manifest.json describes: ${found.take(MAX_QUOTED)}. Export the file again.")

internal fun failedRun(runtime: String, tokens: Int, cause: Exception) =
    ArtifactException("$runtime failed on a text of $tokens tokens: ${cause.message}", cause)
