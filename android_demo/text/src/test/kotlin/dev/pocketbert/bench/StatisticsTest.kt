package dev.pocketbert.bench

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

/** Expected values are what numpy 2.4.6 gives through bench/statistics.py (np.percentile, np.std with ddof=1) for the same numbers. */
class StatisticsTest {
    @Test
    fun `a phase has numpy's figures`() {
        val phase = phaseOf(listOf(3.25, 1.5, 9.75, 2.125, 4.0, 2.0625, 7.5), listOf(5, 6, 7, 8, 9, 10, 11))
        val found = with(phase) { listOf(mean, std, min, p50, p90, p95, p99, max) }
        val expected = listOf(4.3125, 3.1281234390605497, 1.5, 3.25, 8.4, 9.075, 9.614999999999998, 9.75)
        for ((a, b) in expected.zip(found)) assertEquals(a, b, 1e-12)
        assertEquals(7, phase.runs)
        assertEquals(listOf(3.25, 1.5, 9.75, 2.125, 4.0, 2.0625, 7.5), phase.samples)
        assertEquals(listOf(5, 6, 7, 8, 9, 10, 11), phase.tokens)
    }

    @Test
    fun `one sample is every percentile and spreads by nothing`() {
        val phase = phaseOf(listOf(1.23456789))
        assertEquals(setOf(1.23456789), with(phase) { setOf(mean, min, p50, p90, p95, p99, max) })
        assertEquals(0.0, phase.std)
        assertEquals(listOf(1.2346), phase.samples)
    }

    @Test
    fun `noise is of runs of one text, over texts with four runs`() {
        val ms = listOf(1.0, 1.1, 1.3, 1.05, 1.2, 10.0, 10.4, 10.1, 12.5, 5.0, 5.5, 6.0)
        val texts = listOf(0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2)
        assertEquals(0.10964523281596456, noiseOf(ms, texts)!!, 1e-12)
        assertEquals(0.13636363636363627, noiseOf(ms.take(5), texts.take(5))!!, 1e-12)
        assertNull(noiseOf(ms.drop(9), texts.drop(9)))
        assertThrows(IllegalArgumentException::class.java) { noiseOf(ms, texts.drop(1)) }
    }
}
