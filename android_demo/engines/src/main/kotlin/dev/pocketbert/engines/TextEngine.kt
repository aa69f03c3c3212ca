package dev.pocketbert.engines

import dev.pocketbert.artifact.Inputs

/** A runtime that holds one file's graph. Not safe to share between threads: [dev.pocketbert.PocketBert] takes turns. */
interface TextEngine : AutoCloseable {
    /** Name and version of the runtime, e.g. "onnxruntime 1.29.0". */
    val runtime: String

    /** The raw output columns, a new array. [inputs] must have passed [dev.pocketbert.artifact.Artifact.check]. */
    fun run(inputs: Inputs): FloatArray
}
