package dev.pocketbert.bench

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CancellationException

/** The loop on a clock that only the work moves, so that every count is known beforehand. */
class MeasureTest {
    private var now = 0.0
    private val ran = ArrayList<Int>()

    /** Text i takes [ms] (i). */
    private fun work(ms: (Int) -> Double): Step =
        { text ->
            ran += text
            now += ms(text) / 1000
            mapOf("forward" to ms(text))
        }

    @Test
    fun `it stops at the end of a pass, when both minima are met`() {
        val samples = measured(work { 1.0 + it }, 4, Limits(minRuns = 6, minSeconds = 0.001, maxSeconds = 9.0, warmup = 2), { now })
        assertEquals(8, samples.texts.size)
        assertTrue(samples.minimaMet)
        assertEquals(samples.texts.take(4), samples.texts.drop(4))
        assertEquals(setOf(0, 1, 2, 3), samples.texts.take(4).toSet())
        assertEquals(samples.texts.map { 1.0 + it }, samples.phases.getValue("forward"))
        assertEquals(2 * (1 + 2 + 3 + 4) / 1000.0, samples.seconds, 1e-9)
        assertEquals(8 + 8 + 1, ran.size) // two warm passes, and a text before the quarter of a second that was not timed
    }

    @Test
    fun `every quarter of a second starts with a text that is not timed`() {
        val samples = measured(work { 50.0 }, 2, Limits(minRuns = 1, minSeconds = 1.0, maxSeconds = 9.0, warmup = 0), { now })
        assertEquals(20, samples.texts.size)
        assertEquals(20 + 4, ran.size)
    }

    @Test
    fun `the longest time ends it in the middle of a pass, and that is said`() {
        val samples = measured(work { 100.0 }, 7, Limits(minRuns = 50, minSeconds = 0.1, maxSeconds = 0.95, warmup = 0), { now })
        assertEquals(10, samples.texts.size)
        assertFalse(samples.minimaMet)
    }

    @Test
    fun `progress rises to its end and never falls`() {
        val shares = ArrayList<Double>()
        measured(work { 10.0 }, 3, Limits(minRuns = 5, minSeconds = 2.0, maxSeconds = 9.0), { now }) { shares += it }
        assertEquals(shares.sorted(), shares)
        assertTrue(shares.size >= 7 && shares.last() in 0.8..1.0, shares.toString())
    }

    @Test
    fun `it ends soon after it is cancelled, in the warm-up too`() {
        val limits = Limits(minRuns = 1000, minSeconds = 5.0, maxSeconds = 9.0, warmup = 1)
        assertThrows(CancellationException::class.java) { measured(work { 1.0 }, 8, limits, { now }, { ran.size >= 20 }) }
        assertEquals(20, ran.size)
        ran.clear()
        assertThrows(CancellationException::class.java) { measured(work { 1.0 }, 8, limits, { now }, { ran.size >= 3 }) }
        assertEquals(3, ran.size)
    }

    @Test
    fun `a length has its runs, a slow one those of a second, five at least`() {
        assertEquals(30, atLengthMeasured({ 1.0 }, 30).size)
        assertEquals(10, atLengthMeasured({ 100.0 }, 30).size)
        assertEquals(5, atLengthMeasured({ 900.0 }, 30).size)
    }

    @Test
    fun `a plan out of its range is refused`() {
        assertThrows(IllegalArgumentException::class.java) { Limits(minRuns = 0) }
        assertThrows(IllegalArgumentException::class.java) { Limits(minSeconds = 5.0, maxSeconds = 1.0) }
        assertThrows(IllegalArgumentException::class.java) { Plan(threads = 0) }
    }
}
