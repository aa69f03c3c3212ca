package dev.pocketbert.bench

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

class RecordJsonTest {
    /** tests/android_demo/test_bench_record.py reads what is written here: no field may be empty. */
    @Test
    fun `a record with every field set is written for Python's reader`() {
        val json = RECORD.toJson()
        File("target/bench-record.json").writeText(json)
        assertTrue(json.endsWith("\"schema\":\"pocketbert.bench/1\"}\n"), json)
        assertEquals(1, json.count { it == '\n' })
    }

    @Test
    fun `a number that JSON has no word for is null`() {
        val json = RECORD.copy(goldenDifference = Double.NaN, noise = Double.POSITIVE_INFINITY).toJson()
        assertTrue("\"golden_difference\":null," in json && "\"noise\":null," in json, json)
    }

    private companion object {
        val RECORD =
            BenchRecord(
                name = "intents.onnx",
                file = "intents.onnx",
                sha256 = "00ff".repeat(16),
                bytes = 14_570_000_000,
                container = "onnx",
                quantization = "int8",
                engine = "onnxruntime",
                engineVersion = "1.26.0",
                threads = 2,
                times = mapOf("load" to phaseOf(listOf(12.5)), "forward" to phaseOf(listOf(1.0, 2.0, 4.0), listOf(5, 9, 17))),
                byLength = listOf(atLength(8, listOf(0.25, 0.3, 0.2)), atLength(64, listOf(1.75))),
                texts = Texts("the golden texts of the file", 3, 5, 9.0, 15.4, 17, 1),
                memory = Memory(1, 2, 3, 4, 5, 6, "start", "a \"note\" with 中文 and \u2028"),
                golden = true,
                goldenDifference = 0.00125,
                goldenTolerance = 0.01,
                validity = Validity("warn", listOf("the battery saver was on", "zwei")),
                noise = 0.03,
                environment =
                Environment(
                    device = "android",
                    model = "Some Phone",
                    cpu = "SoC",
                    architecture = "arm64-v8a",
                    cores = 8,
                    features = listOf("asimd", "i8mm"),
                    memory = 8_000_000_000,
                    system = "Android 14",
                    python = "none",
                    governor = "schedutil",
                    frequencyBefore = 2400.0,
                    frequencyAfter = 2300.5,
                    frequencyLimit = 2800.0,
                    loadBefore = 0.5,
                    loadAfter = 0.75,
                    busyElsewhere = 0.25,
                    temperatureBefore = 31.5,
                    temperatureAfter = 33.0,
                    thermalBefore = "none",
                    thermalAfter = "light",
                    thermalWorst = "moderate",
                    batteryBefore = 80.0,
                    batteryAfter = 79.0,
                    charging = false,
                    powerSaver = true,
                    debuggable = false,
                    screenOff = false,
                    versions = mapOf("onnxruntime" to "1.26.0"),
                ),
                how = "in the app's process, alone",
                note = "by hand",
                measuredAt = "2026-01-02T03:04:05+00:00",
            )
    }
}
