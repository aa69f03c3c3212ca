package dev.pocketbert.bench

import java.io.File
import java.io.IOException

/**
 * What Linux, which Android is, says of itself under /proc and /sys. Android keeps much of it from apps: whatever is missing or
 * unreadable is null, never an error.
 *
 * @param root where proc and sys are found.
 */
class Linux(private val root: File = File("/")) {
    /** Bytes in the machine. */
    fun memory(): Long? = Regex("^MemTotal:\\s*(\\d+) kB", RegexOption.MULTILINE).find(text("proc/meminfo").orEmpty())?.kiB()

    /** Instruction sets that int8 and fp16 kernels look for. */
    fun features(): List<String> {
        val line = Regex("^(?:flags|Features)\\s*:\\s*(.+)$", RegexOption.MULTILINE).find(text("proc/cpuinfo").orEmpty())
        return line?.groupValues?.get(1).orEmpty().split(' ').filter { it in FEATURES }.distinct().sorted()
    }

    /** Of the CPU frequency, all that are in use. */
    fun governor(): String? =
        cores().mapNotNull { text("$it/cpufreq/scaling_governor") }.distinct().sorted().joinToString(", ").ifEmpty { null }

    /** MHz of the fastest core, now. */
    fun frequency(): Double? = megahertz("scaling_cur_freq")

    /** MHz, the most that the hardware can do. */
    fun frequencyLimit(): Double? = megahertz("cpuinfo_max_freq")

    /** Degrees Celsius of the hottest zone; the files hold thousandths. */
    fun temperature(): Double? =
        names("sys/class/thermal").filter { it.startsWith("thermal_zone") }.mapNotNull { number("sys/class/thermal/$it/temp") }.maxOrNull()
            ?.div(1000)

    /** Average over the last minute. */
    fun load(): Double? = text("proc/loadavg")?.substringBefore(' ')?.toDoubleOrNull()

    /** VmRSS, VmHWM and RssAnon of this process in bytes. */
    fun resident(): Map<String, Long> =
        Regex("^(VmRSS|VmHWM|RssAnon):\\s*(\\d+) kB", RegexOption.MULTILINE).findAll(text("proc/self/status").orEmpty())
            .associate { it.groupValues[1] to it.groupValues[2].toLong() * 1024 }

    /** Sets VmHWM back to what is resident now; false where the kernel does not let a process do so (proc(5), clear_refs). */
    fun resetPeak(): Boolean =
        try {
            File(root, "proc/self/clear_refs").writeText("5")
            true
        } catch (_: IOException) {
            false
        }

    private fun MatchResult.kiB() = groupValues[1].toLong() * 1024

    private fun megahertz(name: String) = cores().mapNotNull { number("$it/cpufreq/$name") }.maxOrNull()?.div(1000)

    private fun cores() = names(CPUS).filter { Regex("cpu\\d+").matches(it) }.map { "$CPUS/$it" }

    private fun names(path: String): List<String> = File(root, path).list()?.sorted().orEmpty()

    private fun number(path: String) = text(path)?.toDoubleOrNull()

    private fun text(path: String): String? =
        try {
            File(root, path).readText().trim('\u0000', ' ', '\n', '\t').ifEmpty { null }
        } catch (_: IOException) {
            null
        }

    private companion object {
        const val CPUS = "sys/devices/system/cpu"

        /** As bench/environment.py: what the kernels of XNNPACK and MLAS ask for. */
        val FEATURES =
            setOf(
                "avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8",
                "asimd", "asimddp", "i8mm", "sve", "sve2", "sme", "fphp",
            )
    }
}
