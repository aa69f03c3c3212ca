package dev.pocketbert.bench

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/** The cases of tests/bench/test_record.py, and what only a phone has. */
class VerdictTest {
    class Doubt(val environment: Environment, val reason: String, val noise: Double = 0.02, val met: Boolean = true) {
        override fun toString() = reason
    }

    @Test
    fun `a quiet machine is valid`() {
        assertEquals(Validity("valid", emptyList()), verdict(QUIET, TIMES, true, emptyList(), 0.02, true))
        assertEquals(Validity("valid", emptyList()), verdict(Environment(), TIMES, true, emptyList(), null, true))
        assertEquals("valid", verdict(QUIET.copy(device = "android", governor = "schedutil"), TIMES, true, emptyList(), 0.02, true).verdict)
        val charged = QUIET.copy(batteryAfter = 12.0, charging = true, thermalBefore = "none", thermalWorst = "none", screenOff = false)
        assertEquals("valid", verdict(charged, TIMES, true, emptyList(), 0.02, true).verdict)
    }

    @ParameterizedTest
    @MethodSource("doubts")
    fun `each doubt is a warning of its own`(doubt: Doubt) {
        val found = verdict(doubt.environment, TIMES, true, emptyList(), doubt.noise, doubt.met)
        assertEquals("warn", found.verdict)
        assertTrue(doubt.reason in found.reasons.single(), found.reasons.toString())
    }

    @Test
    fun `wrong outputs are invalid however quiet the machine`() {
        val found = verdict(QUIET, TIMES, false, listOf("vector 3: off by 2"), 0.02, true)
        assertEquals("invalid", found.verdict)
        assertTrue("vector 3: off by 2" in found.reasons[0])
        for (broken in listOf(-1.0, Double.NaN, Double.POSITIVE_INFINITY)) {
            val times = mapOf("forward" to phaseOf(listOf(1.0, broken)))
            assertEquals("invalid", verdict(QUIET, times, true, emptyList(), 0.02, true).verdict, "$broken")
        }
    }

    companion object {
        private val QUIET =
            Environment(governor = "performance", frequencyBefore = 2400.0, frequencyAfter = 2390.0, busyElsewhere = 0.02, loadBefore = 9.0)
        private val TIMES = mapOf("forward" to phaseOf(listOf(1.0, 2.0, 4.0)), "load" to phaseOf(listOf(12.5)))

        @JvmStatic
        fun doubts() =
            listOf(
                Doubt(QUIET.copy(busyElsewhere = 0.9), "0.90 cores busy"),
                Doubt(QUIET.copy(busyElsewhere = null, loadBefore = 0.8), "load average was 0.80"),
                Doubt(QUIET.copy(governor = "ondemand, performance"), "\"ondemand, performance\""),
                Doubt(QUIET.copy(frequencyAfter = 1500.0), "from 2400 to 1500 MHz"),
                Doubt(QUIET, "spread by 20%", noise = 0.2),
                Doubt(QUIET, "before the minima", met = false),
                Doubt(QUIET.copy(thermalBefore = "none", thermalWorst = "severe", thermalAfter = "light"), "status severe, light"),
                Doubt(QUIET.copy(powerSaver = true), "battery saver"),
                Doubt(QUIET.copy(batteryBefore = 20.0, batteryAfter = 19.0, charging = false), "battery was at 19 %"),
                Doubt(QUIET.copy(debuggable = true), "debug build"),
                Doubt(QUIET.copy(screenOff = true), "screen was off"),
            )
    }
}
