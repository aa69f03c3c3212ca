package dev.pocketbert.bench

/**
 * How to measure. A run stops when both minima are met, at the end of a pass over all texts, or at the longest time.
 *
 * @property threads of the runtime.
 * @property opens how often the file is opened and run once, for `open`, `load` and `first`.
 * @property mostTexts more texts than this are thinned out evenly, so that a pass stays short.
 * @property lengths the token lengths of the latency table, as far as the file takes them.
 * @property lengthRuns timed runs a length; 0 leaves the table out.
 */
data class Plan(
    val limits: Limits = Limits(),
    val threads: Int = 1,
    val opens: Int = 5,
    val mostTexts: Int = 200,
    val lengths: List<Int> = listOf(8, 16, 32, 64, 128, 256, 512),
    val lengthRuns: Int = 30,
) {
    init {
        require(threads >= 1 && opens >= 1 && mostTexts >= 1 && lengthRuns >= 0) { "a plan out of its range: $this" }
    }
}

/**
 * When a run has enough.
 *
 * @property minRuns timed texts, at least.
 * @property minSeconds of timed work, at least.
 * @property maxSeconds of timed work, after which it stops in the middle of a pass.
 * @property warmup passes over all texts before the first timed one.
 */
data class Limits(
    val minRuns: Int = 50,
    val minSeconds: Double = 2.0,
    val maxSeconds: Double = 60.0,
    val warmup: Int = 1,
) {
    init {
        require(minRuns >= 1 && warmup >= 0) { "limits out of their range: $this" }
        require(minSeconds >= 0 && minSeconds <= maxSeconds) { "minSeconds $minSeconds must lie between 0 and maxSeconds $maxSeconds" }
    }

    internal fun met(runs: Int, seconds: Double): Boolean = runs >= minRuns && seconds >= minSeconds
}
