package dev.pocketbert.bench

/**
 * Counts of samples in equal parts of a range.
 *
 * @property from where the first part begins, ms.
 * @property to where the last one ends, ms; larger than [from].
 */
class Histogram(val from: Double, val to: Double, val counts: List<Int>) {
    /** Where part [i] begins; `edge(counts.size)` is [to]. */
    fun edge(i: Int): Double = from + (to - from) * i / counts.size
}

/**
 * From the fastest sample to the 99th percentile in [parts] parts: a run that was interrupted takes ten times as long, and would press
 * all others into one part. Samples beyond are left out. [samples] are at least one.
 */
fun histogram(samples: List<Double>, parts: Int): Histogram {
    val sorted = samples.sorted()
    val from = sorted.first()
    // equal samples have a range too: a tenth of a µs, the step of the figures
    val to = maxOf(percentile(sorted, 99.0), from + 1e-4)
    val counts = IntArray(parts)
    for (sample in sorted) {
        if (sample <= to) counts[((sample - from) / (to - from) * parts).toInt().coerceAtMost(parts - 1)]++
    }
    return Histogram(from, to, counts.toList())
}
