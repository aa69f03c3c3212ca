package dev.pocketbert.artifact

import dev.pocketbert.task.Task
import kotlin.math.abs

private const val MAX_FAILURES = 10

/**
 * What the golden self-check found (docs/artifact.md section 6).
 *
 * @property ok every vector passed.
 * @property idsEqual whether the tokenizer gave the recorded ids for every text.
 * @property vectors how many there are.
 * @property largestDifference of any output column from the recorded one.
 * @property tolerance how far any column may differ.
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
fun selfCheck(artifact: Artifact, progress: (Int, Int) -> Unit = { _, _ -> }, run: (Inputs) -> FloatArray): SelfCheck {
    val golden = artifact.golden
    val ranked = artifact.manifest.task is Task.Classification
    val failures = mutableListOf<String>()
    var idsEqual = true
    var largest = 0.0
    var typical = 0
    val allowed = golden.reproducibility
    golden.vectors.forEachIndexed { i, vector ->
        val encoding = artifact.tokenizer.encode(vector.texts[0], vector.texts.getOrNull(1))
        if (!encoding.ids.contentEquals(vector.ids) || !encoding.types.contentEquals(vector.types)) {
            idsEqual = false
            failures += "vector $i: the tokenizer gives other ids than when the file was sealed"
        } else {
            val output = run(artifact.inputs(encoding))
            val difference = largestDifference(output, vector.output)
            largest = maxOf(largest, difference)
            if (difference <= allowed.typical) typical++
            if (difference > allowed.largest) {
                failures += "vector $i: an output is off by $difference, more than ${allowed.largest}"
            } else if (ranked && leads(vector.output, allowed.largest) && best(output) != best(vector.output)) {
                failures += "vector $i: another best label than when the file was sealed"
            }
        }
        progress(i + 1, golden.vectors.size)
    }
    val count = golden.vectors.size
    if (idsEqual && !allowed.enough(typical, count)) {
        failures.add(0, "${count - typical} of $count vectors are off by more than ${allowed.typical}, and a quarter may be")
    }
    return SelfCheck(failures.isEmpty(), idsEqual, count, largest, allowed.largest, failures.take(MAX_FAILURES))
}

private fun largestDifference(output: FloatArray, expected: FloatArray): Double {
    if (output.size != expected.size) return Double.POSITIVE_INFINITY
    return expected.indices.maxOf {
        val difference = abs(output[it].toDouble() - expected[it])
        if (difference.isNaN()) Double.POSITIVE_INFINITY else difference
    }
}

/** The first of equals, 0 and -0 being equal, which `maxBy` would tell apart. */
private fun best(columns: FloatArray): Int {
    var best = 0
    for (i in columns.indices) if (columns[i] > columns[best]) best = i
    return best
}

private fun leads(columns: FloatArray, margin: Double): Boolean {
    val (first, second) = columns.sortedDescending()
    return first.toDouble() - second > margin
}
