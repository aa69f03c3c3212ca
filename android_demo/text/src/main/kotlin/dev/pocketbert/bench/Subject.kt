package dev.pocketbert.bench

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.Inputs

/**
 * What is measured.
 *
 * @property name of the file.
 * @property open reads the file and checks its seal.
 * @property load has the runtime open the graph.
 */
class Subject(val name: String, val open: () -> Artifact, val load: (Artifact) -> Loaded)

/** A graph in its runtime. */
interface Loaded : AutoCloseable {
    /** Name of the runtime, e.g. "onnxruntime". */
    val engine: String

    val engineVersion: String

    /** The runtime alone: raw output columns. */
    fun run(inputs: Inputs): FloatArray

    /** What they mean: labels or a value. */
    fun decode(output: FloatArray)
}

/**
 * The machine around a run.
 *
 * @property before read when the timed runs begin.
 * @property after given the first, with what can have moved read again.
 * @property resident VmRSS, VmHWM and RssAnon of this process in bytes; empty where nobody tells.
 * @property resetPeak sets VmHWM back to what is resident now; false where that is not allowed.
 * @property fresh whether no model was opened in this process before: else what it needs of memory cannot be told.
 * @property how which process measures, in words.
 */
class Machine(
    val before: () -> Environment,
    val after: (Environment) -> Environment,
    val resident: () -> Map<String, Long>,
    val resetPeak: () -> Boolean,
    val fresh: Boolean,
    val how: String,
)
