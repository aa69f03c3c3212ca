package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException

/**
 * How many threads a runtime's only pool has. A model keeps the address of the pool that it was opened with, and another count
 * makes a new pool and frees the old one, so the count stands for as long as any model is open.
 *
 * Its functions are not synchronized: who calls them holds the runtime's lock.
 */
internal class ThreadCount(private val title: String) {
    private var models = 0
    private var threads = 0

    /** One more model with [wanted] threads; throws where those that are open have another count. */
    fun join(wanted: Int) {
        if (models > 0 && wanted != threads) {
            throw ArtifactException(
                "$title has one pool of threads in a process, and a model that is open uses it with $threads, not $wanted: " +
                    "close that model first, or open this one with threads = $threads.",
            )
        }
        threads = wanted
        models++
    }

    /** One model less. */
    fun leave() {
        models--
    }
}
