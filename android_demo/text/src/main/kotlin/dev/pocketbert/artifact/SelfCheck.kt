package dev.pocketbert.artifact

/**
 * What the golden self-check found (docs/artifact.md section 6).
 *
 * @property largestDifference of any output column from the recorded one.
 * @property failures a line a failure, at most ten.
 */
data class SelfCheck(
    val ok: Boolean,
    val idsEqual: Boolean,
    val vectors: Int,
    val largestDifference: Double,
    val tolerance: Double,
    val failures: List<String>,
)

/** Tokenizes and runs every golden vector; [progress] hears (done, total) after each. [run] gives the `size` output columns. */
fun selfCheck(artifact: Artifact, progress: (Int, Int) -> Unit = { _, _ -> }, run: (Inputs) -> FloatArray): SelfCheck =
    TODO("$artifact $progress $run")
