package dev.pocketbert.bench

import java.util.Random
import java.util.concurrent.CancellationException
import kotlin.math.max

/** Seconds from any moment on, that never go back. */
fun interface Clock {
    fun seconds(): Double
}

/** On Android and elsewhere the monotonic clock; it stands still in deep sleep, so a run keeps the screen on. */
val MONOTONIC = Clock { System.nanoTime() / 1e9 }

/** Phase -> ms of one text, among them "forward". */
internal typealias Step = (text: Int) -> Map<String, Double>

/**
 * Samples as they come in.
 *
 * @property phases phase -> ms, one a timed text.
 * @property texts number of the text of each.
 * @property seconds spent on them, from text to label.
 * @property minimaMet both minima were reached.
 */
internal class Samples {
    val phases = LinkedHashMap<String, MutableList<Double>>()
    val texts = ArrayList<Int>()
    var seconds = 0.0
    var minimaMet = false

    fun add(text: Int, times: Map<String, Double>, taken: Double) {
        texts += text
        seconds += taken
        for ((phase, ms) in times) phases.getOrPut(phase) { ArrayList() } += ms
    }
}

/**
 * Runs a model over the texts in one shuffled order until there is enough. After every quarter of a second comes a text that is not
 * timed, as where models take turns (bench/measure.py), and [progress] hears a share of 1.
 *
 * @throws CancellationException when [cancelled] says so.
 */
internal fun measured(
    step: Step,
    texts: Int,
    limits: Limits,
    clock: Clock = MONOTONIC,
    cancelled: () -> Boolean = { false },
    progress: (Double) -> Unit = {},
): Samples {
    val order = (0 until texts).shuffled(Random(0))
    repeat(limits.warmup) {
        for (text in order) {
            goOn(cancelled)
            step(text)
        }
    }
    val samples = Samples()
    while (true) {
        step(order[samples.texts.size % texts])
        val end = samples.seconds + TURN_SECONDS
        while (samples.seconds < end) {
            goOn(cancelled)
            val text = order[samples.texts.size % texts]
            val begin = clock.seconds()
            val times = step(text)
            samples.add(text, times, clock.seconds() - begin)
            val runs = samples.texts.size
            if (enough(runs, samples.seconds, limits, runs % texts == 0)) {
                samples.minimaMet = limits.met(runs, samples.seconds)
                return samples
            }
        }
        progress(share(samples, limits))
    }
}

/** Forward times in ms at one length, after one that is not timed; fewer than [runs] where they would take more than a second. */
internal fun atLengthMeasured(forward: () -> Double, runs: Int, cancelled: () -> Boolean = { false }): List<Double> {
    forward()
    val times = ArrayList<Double>()
    while (times.size < runs && (times.size < LENGTH_LEAST || times.sum() < LENGTH_SECONDS * 1000)) {
        goOn(cancelled)
        times += forward()
    }
    return times
}

internal fun goOn(cancelled: () -> Boolean) {
    if (cancelled()) throw CancellationException("the measurement was cancelled")
}

private fun share(samples: Samples, limits: Limits): Double {
    val runs = samples.texts.size.toDouble() / limits.minRuns
    val seconds = samples.seconds / max(limits.minSeconds, 1e-9)
    return max(minOf(1.0, runs, seconds), minOf(1.0, samples.seconds / limits.maxSeconds))
}

private const val TURN_SECONDS = 0.25
private const val LENGTH_SECONDS = 1.0 // a model of 180 ms a text need not run 30 times for one row of the latency table
private const val LENGTH_LEAST = 5
