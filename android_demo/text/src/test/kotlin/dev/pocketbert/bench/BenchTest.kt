package dev.pocketbert.bench

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.SealedFiles
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CancellationException

/** A small sealed file and an engine that moves the clock: every figure of the record is known beforehand. */
class BenchTest {
    private var now = 0.0
    private val engines = ArrayList<Engine>()

    /** Gives the golden output after 2 ms and decodes in 1 ms; [fails] instead of the first run. */
    private inner class Engine(val fails: Boolean) : Loaded {
        override val engine = "counting"
        override val engineVersion = "1.0"
        val lengths = ArrayList<Int>()
        var closed = 0

        override fun run(inputs: Inputs): FloatArray {
            if (fails) error("no first run")
            lengths += inputs.length
            now += RUN_SECONDS
            return floatArrayOf(1.5f, -2f)
        }

        override fun decode(output: FloatArray) {
            now += DECODE_SECONDS
        }

        override fun close() {
            closed++
        }
    }

    /** Opened in 5 ms, loaded in 7. */
    private fun subject(artifact: Artifact = Artifact.read(SealedFiles.file()), fails: Boolean = false) = Subject(
        "small.tflite",
        {
            now += 0.005
            artifact
        },
        {
            now += 0.007
            Engine(fails).also { engines += it }
        },
    )

    /** 7 bytes more for every engine that was ever opened. */
    private fun machine(fresh: Boolean = true) = Machine(
        { Environment(device = "before") },
        { it.copy(model = "after") },
        { mapOf("VmRSS" to 10L + 7 * engines.size, "VmHWM" to 30L, "RssAnon" to 5L) },
        { true },
        fresh = fresh,
        how = "alone",
    )

    private fun measured(
        subject: Subject,
        plan: Plan = PLAN,
        machine: Machine = machine(),
        cancelled: () -> Boolean = { false },
        progress: (Double) -> Unit = {},
    ) =
        bench(subject, plan, machine, cancelled, { now }, progress)

    private fun static(vararg lengths: Int) =
        Artifact.read(SealedFiles.file(lengths = """{"static": ${lengths.toList()}}"""))

    @Test
    fun `a process that has opened a model before tells no memory`() {
        val memory = measured(subject(), machine = machine(fresh = false)).memory
        assertEquals(Memory(note = "measured by the first run of a process only: end the app, then measure again"), memory)
    }

    @Test
    fun `a record has every phase, each with its own part of the time`() {
        val record = measured(subject())
        assertEquals(listOf("open", "load", "first", "tokenize", "forward", "end_to_end"), record.times.keys.toList())
        val medians = record.times.mapValues { rounded(it.value.p50) }
        // the tokenizer does not move this clock
        assertEquals(listOf(5.0, 7.0, 2.0, 0.0, 2.0, 3.0), medians.values.toList())
        assertEquals(listOf(2, 2, 2, 64, 64, 64), record.times.values.map { it.runs })
        assertTrue(record.times.getValue("forward").tokens.all { it == 6 })
        assertEquals(Texts("the golden texts of the file", 64, 6, 6.0, 6.0, 6, 0), record.texts)
        assertEquals(listOf(3, 5, 8), record.byLength.map { it.length })
        assertTrue(record.byLength.all { it.runs == 3 && rounded(it.p50) == 2.0 })
        val note = "of a process that shows a screen too; the runtime's library and what 2 openings left are in it"
        assertEquals(Memory(10, 10, 17, 24, 5, 30, "base", note), record.memory)
        assertEquals(Environment(device = "before", model = "after"), record.environment)
        assertEquals(Validity("valid", emptyList()), record.validity)
        assertTrue(record.golden && record.goldenDifference == 0.0 && record.engine == "counting")
        assertEquals(listOf(1, 1), engines.map { it.closed })
    }

    @Test
    fun `tokenize ends before padding and checks, which no phase but the whole has`() {
        // the only step between the second and the third reading is Artifact.inputs: this clock moves 1 ms a reading
        val reading = Clock { now.also { now += 0.001 } }
        val record = bench(subject(), PLAN, machine(), clock = reading)
        // five readings, four steps between them, the engine's 2 ms and 1 ms
        val medians = listOf("tokenize", "forward", "end_to_end").map { rounded(record.times.getValue(it).p50) }
        assertEquals(listOf(1.0, 3.0, 7.0), medians)
    }

    @Test
    fun `many texts are thinned out evenly, and that is said`() {
        val record = measured(subject(), PLAN.copy(mostTexts = 5))
        assertEquals("the golden texts of the file, 5 of 64 evenly", record.texts.source)
        assertEquals(5, record.texts.count)
        assertEquals(5, record.times.getValue("forward").runs)
    }

    @Test
    fun `thinning takes the first, the last and those between`() {
        val vectors = (0 until 64).joinToString { """{"texts": ["$it"], $VECTOR}""" }
        val artifact = Artifact.read(SealedFiles.file(golden = """{"tolerance": 0.25, "vectors": [$vectors]}"""))
        assertEquals(listOf("0", "21", "42", "63"), goldenTexts(artifact, 4).first.map { it.single() })
        assertEquals(listOf("0"), goldenTexts(artifact, 1).first.map { it.single() })
        assertEquals(64, goldenTexts(artifact, 64).first.size)
    }

    @Test
    fun `texts of a length are cut from all of them, and padded for static lengths`() {
        val exact = ofLengths(Artifact.read(SealedFiles.file()), TEXTS, listOf(2, 3, 5, 99))
        assertEquals(listOf(3, 5, 8), exact.keys.toList())
        assertArrayEquals(intArrayOf(2, 4, 5, 6, 3), exact.getValue(5).ids) // [CLS] wake me at [SEP]
        assertArrayEquals(intArrayOf(1, 1, 1, 1, 1), exact.getValue(5).mask)
        val padded = ofLengths(static(6, 8), TEXTS, listOf(3, 6))
        assertEquals(listOf(3, 6, 8), padded.keys.toList())
        assertArrayEquals(intArrayOf(2, 4, 3, 0, 0, 0), padded.getValue(3).ids)
        assertArrayEquals(intArrayOf(1, 1, 1, 0, 0, 0), padded.getValue(3).mask)
        assertEquals(8, padded.getValue(8).length)
        assertTrue(ofLengths(static(8), listOf(listOf(""), listOf(" ")), listOf(3)).isEmpty())
    }

    @Test
    fun `lengths below the file's shortest are left out`() {
        val artifact = Artifact.read(SealedFiles.file(lengths = """{"min": 5, "max": 8}"""))
        assertEquals(listOf(5, 6, 8), ofLengths(artifact, TEXTS, listOf(3, 4, 5, 6)).keys.toList())
        assertEquals(listOf(5, 8), measured(subject(artifact)).byLength.map { it.length })
    }

    @Test
    fun `a model of static lengths runs padded, and the texts keep their own lengths`() {
        val record = measured(subject(static(8)))
        assertEquals(6.0, record.texts.tokensP50)
        assertTrue(engines.last().lengths.all { it == 8 })
    }

    @Test
    fun `a pair model is measured on pairs`() {
        // [CLS] wake me [SEP] at six [SEP]
        val golden =
            SealedFiles.golden("\"wake me\", \"at six\"", listOf(2, 4, 5, 3, 6, 7, 3), listOf(0, 0, 0, 0, 1, 1, 1), "[1.5, -2]")
        val task = SealedFiles.CLASSIFICATION.replace("false", "true")
        val artifact = Artifact.read(SealedFiles.file(task = task, golden = golden))
        val record = measured(subject(artifact))
        assertTrue(record.golden)
        assertEquals(7, record.texts.tokensMax)
        val cut = ofLengths(artifact, goldenTexts(artifact, 1).first, listOf(8)).getValue(8)
        assertEquals(listOf(0, 1), cut.types.distinct())
    }

    @Test
    fun `what was measured is described by its lengths`() {
        val artifact = Artifact.read(SealedFiles.file())
        val encoded = listOf("wake", "wake me", "wake me at six at six at six").map { artifact.encoded(listOf(it)) }
        assertEquals(Texts("here", 3, 3, 4.0, 7.2, 8, 1), described("here", encoded).let { it.copy(tokensP90 = rounded(it.tokensP90)) })
    }

    @Test
    fun `progress never falls and ends with 1`() {
        val shares = ArrayList<Double>()
        measured(subject(), PLAN.copy(limits = Limits(minRuns = 400, minSeconds = 2.0))) { shares += it }
        assertEquals(shares.sorted(), shares)
        assertEquals(1.0, shares.last(), 1e-9)
        assertTrue(shares.size > 64 + 3 && shares.first() < 0.3, shares.toString())
    }

    @Test
    fun `it ends at whichever part it is cancelled in, and the engine is closed`() {
        var asked = 0
        measured(subject(), cancelled = { asked++ < 0 })
        for (part in listOf(0, 1, 2, 70, 131, 140, asked - 1)) {
            engines.clear()
            var left = part
            assertThrows(CancellationException::class.java, { measured(subject(), cancelled = { left-- <= 0 }) }, "$part of $asked")
            assertTrue(engines.all { it.closed == 1 }, "$part of $asked")
        }
    }

    @Test
    fun `an engine that fails in its first run is closed`() {
        val failed = assertThrows(IllegalStateException::class.java) { measured(subject(fails = true)) }
        assertEquals("no first run", failed.message)
        assertEquals(listOf(1), engines.map { it.closed })
    }

    private companion object {
        const val RUN_SECONDS = 0.002
        const val DECODE_SECONDS = 0.001
        val PLAN = Plan(Limits(minRuns = 1, minSeconds = 0.0), opens = 2, lengths = listOf(3, 5), lengthRuns = 3)
        val TEXTS = listOf(listOf("wake me"), listOf("at six"))
        const val VECTOR =
            """"input_ids": [2, 1, 3], "token_type_ids": [0, 0, 0], "student": [1.5, -2], "output": [1.5, -2]"""

        /** To a tenth of a µs: the clock adds up in binary. */
        fun rounded(ms: Double) = Math.round(ms * 1e4) / 1e4
    }
}
