package dev.pocketbert.bench

/** The schema of bench/record.py; its number rises when a field changes its meaning or goes, not for a new field. */
const val SCHEMA = "pocketbert.bench/1"

/**
 * What one measurement of one model on one device says. Field for field the `Record` of bench/record.py, whose page says what each
 * means: times are milliseconds, memory is bytes, lengths are tokens; null is what was not measured.
 */
data class BenchRecord(
    val name: String,
    val file: String,
    val sha256: String,
    val bytes: Long,
    val container: String,
    val quantization: String,
    val engine: String,
    val engineVersion: String,
    val threads: Int,
    val times: Map<String, Phase>,
    val byLength: List<AtLength>,
    val texts: Texts,
    val memory: Memory,
    val golden: Boolean,
    val goldenDifference: Double,
    val goldenTolerance: Double,
    val validity: Validity,
    val noise: Double?,
    val environment: Environment,
    val how: String,
    val note: String,
    val measuredAt: String,
)

/** Samples of one part of the work, in ms, in the order they were taken; [tokens] is the length of each sample's text, where it matters. */
data class Phase(
    val runs: Int,
    val mean: Double,
    val std: Double,
    val min: Double,
    val p50: Double,
    val p90: Double,
    val p95: Double,
    val p99: Double,
    val max: Double,
    val samples: List<Double>,
    val tokens: List<Int>,
)

/** Forward passes on real text of exactly [length] tokens, in ms. */
data class AtLength(
    val length: Int,
    val runs: Int,
    val p50: Double,
    val p90: Double,
    val min: Double,
    val samples: List<Double>,
)

/** Resident memory of the process that measured, in bytes; [note] says what the figures leave open. */
data class Memory(
    val interpreter: Long? = null,
    val base: Long? = null,
    val loaded: Long? = null,
    val steady: Long? = null,
    val steadyAnonymous: Long? = null,
    val peak: Long? = null,
    val peakSince: String? = null,
    val note: String = "",
)

/** Whether to believe the timings: "valid", "warn" (true, but of a machine that was not quiet) or "invalid"; a line a reason. */
data class Validity(val verdict: String, val reasons: List<String>)

/** What was read: [count] texts and their lengths in tokens, special tokens included. */
data class Texts(
    val source: String,
    val count: Int,
    val tokensMin: Int,
    val tokensP50: Double,
    val tokensP90: Double,
    val tokensMax: Int,
    val truncated: Int,
)
