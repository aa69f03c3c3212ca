package dev.pocketbert.bench

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** Counts as np.histogram(samples, parts, (min, np.percentile(samples, 99))) of numpy 2.4.6 gives them. */
class HistogramTest {
    @Test
    fun `samples fall into their parts, the slowest hundredth beyond`() {
        val samples = List(99) { 1.0 + it % 10 * 0.5 } + 80.0
        val found = histogram(samples, 5)
        assertEquals(listOf(30, 20, 20, 20, 9), found.counts)
        assertEquals(1.0, found.from)
        assertEquals(6.245, found.to, 1e-9)
        assertEquals(1.0, found.edge(0))
        assertEquals(found.to, found.edge(5))
    }

    @Test
    fun `equal samples are one part`() {
        val found = histogram(listOf(2.0, 2.0, 2.0), 4)
        assertEquals(listOf(3, 0, 0, 0), found.counts)
    }
}
