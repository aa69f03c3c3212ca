package dev.pocketbert.bench

import dev.pocketbert.artifact.Artifact

/**
 * A file that stays open after it was opened and run several times.
 *
 * @property times ms of `open` (seal and tokenizer), `load` (the runtime opens the graph), `first` (first forward pass).
 * @property base resident bytes before the first load: later ones find memory that the model before has given back. The runtime's
 * library is not in yet.
 * @property loadedMemory and right after it.
 * @property peakReset whether the process's peak was set back in between.
 */
internal class Opened(
    val artifact: Artifact,
    val loaded: Loaded,
    val times: Map<String, List<Double>>,
    val base: Long?,
    val loadedMemory: Long?,
    val peakReset: Boolean,
)

internal fun opened(subject: Subject, opens: Int, machine: Machine, clock: Clock, cancelled: () -> Boolean): Opened {
    val times = listOf("open", "load", "first").associateWith { ArrayList<Double>() }
    var base: Long? = null
    var loadedMemory: Long? = null
    var peakReset = false
    for (turn in 1..opens) {
        goOn(cancelled)
        val (artifact, opening) = clock.timed { subject.open() }
        if (turn == 1) {
            base = machine.resident()[RESIDENT]
            peakReset = machine.resetPeak()
        }
        val (loaded, loading) = clock.timed { subject.load(artifact) }
        try {
            if (turn == 1) loadedMemory = machine.resident()[RESIDENT]
            val text = artifact.golden.vectors.first().texts
            val inputs = artifact.encode(text[0], text.getOrNull(1))
            val (_, first) = clock.timed { loaded.run(inputs) }
            for ((phase, ms) in listOf("open" to opening, "load" to loading, "first" to first)) times.getValue(phase) += ms
            if (turn == opens) return Opened(artifact, loaded, times, base, loadedMemory, peakReset)
        } catch (problem: Exception) {
            loaded.close()
            throw problem
        }
        loaded.close()
    }
    error("a plan without an opening")
}

/** What [work] gives, and the ms that it took. */
internal inline fun <T> Clock.timed(work: () -> T): Pair<T, Double> {
    val begin = seconds()
    val given = work()
    return given to (seconds() - begin) * 1000
}

internal const val RESIDENT = "VmRSS"
