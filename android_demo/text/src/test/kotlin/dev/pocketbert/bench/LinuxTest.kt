package dev.pocketbert.bench

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

class LinuxTest {
    @TempDir
    lateinit var root: File

    private fun write(path: String, text: String) = File(root, path).also { it.parentFile.mkdirs() }.writeText(text)

    @Test
    fun `the figures of a phone`() {
        write("proc/meminfo", "MemTotal:        7812345 kB\nMemFree: 1 kB\n")
        write("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd aes asimddp i8mm fphp\nCPU part\t: 0xd46\n")
        write("proc/loadavg", "0.52 0.58 0.59 1/467 12345\n")
        write("proc/self/status", "Name:\tapp\nVmHWM:\t  2000 kB\nVmRSS:\t  1500 kB\nRssAnon:\t   700 kB\n")
        for ((core, kHz) in listOf(0 to 1_800_000, 7 to 2_850_000)) {
            write("sys/devices/system/cpu/cpu$core/cpufreq/scaling_cur_freq", "$kHz\n")
            write("sys/devices/system/cpu/cpu$core/cpufreq/cpuinfo_max_freq", "${kHz + 50_000}\n")
            write("sys/devices/system/cpu/cpu$core/cpufreq/scaling_governor", "schedutil\n")
        }
        write("sys/class/thermal/thermal_zone0/temp", "31500\n")
        write("sys/class/thermal/thermal_zone1/temp", "nothing\n")
        val linux = Linux(root)
        assertEquals(7812345L * 1024, linux.memory())
        assertEquals(listOf("asimd", "asimddp", "fphp", "i8mm"), linux.features())
        assertEquals(0.52, linux.load())
        assertEquals(mapOf("VmHWM" to 2_048_000L, "VmRSS" to 1_536_000L, "RssAnon" to 716_800L), linux.resident())
        assertEquals(2850.0, linux.frequency())
        assertEquals(2900.0, linux.frequencyLimit())
        assertEquals("schedutil", linux.governor())
        assertEquals(31.5, linux.temperature())
        assertTrue(linux.resetPeak())
        assertEquals("5", File(root, "proc/self/clear_refs").readText())
    }

    @Test
    fun `what is kept from apps is nothing, not an error`() {
        val linux = Linux(root)
        val figures = listOf(linux.memory(), linux.governor(), linux.frequency(), linux.frequencyLimit(), linux.temperature(), linux.load())
        figures.forEach { assertNull(it) }
        assertTrue(linux.features().isEmpty() && linux.resident().isEmpty() && !linux.resetPeak())
    }
}
