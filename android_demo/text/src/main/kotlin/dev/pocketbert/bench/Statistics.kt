package dev.pocketbert.bench

import java.math.BigDecimal
import java.math.RoundingMode
import kotlin.math.floor
import kotlin.math.min
import kotlin.math.pow
import kotlin.math.sqrt

/**
 * The value below which [percent] percent of [sorted] lie, by linear interpolation between the two nearest ranks (numpy's "linear",
 * type 7 of Hyndman and Fan 1996). [sorted] ascends and holds at least one value.
 */
fun percentile(sorted: List<Double>, percent: Double): Double {
    require(sorted.isNotEmpty()) { "a percentile of nothing" }
    val rank = (sorted.size - 1) * (percent / 100)
    val below = floor(rank).toInt()
    val above = min(below + 1, sorted.size - 1)
    val share = rank - below
    val step = sorted[above] - sorted[below]
    // from the nearer end, as numpy: the same bits, and the upper end is met exactly
    return if (share < 0.5) sorted[below] + step * share else sorted[above] - step * (1 - share)
}

/** Summary of [samples] in ms, at least one; the standard deviation with n - 1. Samples are kept to 0.1 us, the rest unrounded. */
fun phaseOf(samples: List<Double>, tokens: List<Int> = emptyList()): Phase {
    val sorted = samples.sorted()
    val mean = samples.average()
    return Phase(
        runs = samples.size,
        mean = mean,
        std = if (samples.size > 1) sqrt(samples.sumOf { (it - mean).pow(2) } / (samples.size - 1)) else 0.0,
        min = sorted.first(),
        p50 = percentile(sorted, 50.0),
        p90 = percentile(sorted, 90.0),
        p95 = percentile(sorted, 95.0),
        p99 = percentile(sorted, 99.0),
        max = sorted.last(),
        samples = samples.map { rounded(it) },
        tokens = tokens,
    )
}

/** The row of the latency table for texts of [length] tokens. */
fun atLength(length: Int, samples: List<Double>): AtLength {
    val phase = phaseOf(samples)
    return AtLength(length, phase.runs, phase.p50, phase.p90, phase.min, phase.samples)
}

/**
 * How much the same text varies from run to run: the median over texts of (third quartile - first quartile) / median. The spread over
 * all samples would not do: texts of different lengths take different times on a quiet machine too. Null where no text was run four times.
 *
 * @param samples ms.
 * @param texts which text each is of.
 */
fun noiseOf(samples: List<Double>, texts: List<Int>): Double? {
    require(samples.size == texts.size) { "${samples.size} samples of ${texts.size} texts" }
    val spreads = texts.indices.groupBy({ texts[it] }, { samples[it] }).values.filter { it.size >= 4 }.map { runs ->
        val sorted = runs.sorted()
        (percentile(sorted, 75.0) - percentile(sorted, 25.0)) / percentile(sorted, 50.0)
    }
    return if (spreads.isEmpty()) null else percentile(spreads.sorted(), 50.0)
}

/**
 * Whether to stop: at a whole pass over the texts once both minima are met (part of one would favour its texts), or when the longest
 * time is up.
 */
internal fun enough(runs: Int, seconds: Double, limits: Limits, wholePass: Boolean): Boolean =
    seconds >= limits.maxSeconds || (wholePass && limits.met(runs, seconds))

/** Four decimals of a ms: less than two readings of the clock take. A sample that is no number stays so, for the verdict to see. */
private fun rounded(ms: Double): Double =
    if (ms.isFinite()) BigDecimal(ms).setScale(4, RoundingMode.HALF_EVEN).toDouble() else ms
