package dev.pocketbert

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.Lengths
import dev.pocketbert.engines.Fixture
import dev.pocketbert.engines.openEngine
import dev.pocketbert.task.Task
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.nio.ByteBuffer
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.math.abs

/** The two engines that run inside Surefire's JVM; tests/android_demo/test_engines.py has the third and the demo's files. */
class PocketBertTest {
    @ParameterizedTest
    @ValueSource(strings = ["onnx", "tflite"])
    fun `outputs at every length are Python's`(container: String) {
        val fixture = Fixture(container)
        PocketBert.open(fixture.file).use { bert ->
            val lengths = bert.artifact.manifest.lengths as Lengths.Exact
            assertEquals((lengths.min..lengths.max).toList(), fixture.answers.map { bert.tokenize(it.text).size })
            // there and back, so that memory shrinks and grows
            for (answer in fixture.answers + fixture.answers.reversed()) {
                val tolerance = bert.artifact.golden.reproducibility.largest.toFloat()
                assertArrayEquals(answer.outputs, bert.outputs(answer.text), tolerance, answer.text)
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["onnx", "tflite"])
    fun `the self-check holds and tells its progress`(container: String) {
        PocketBert.open(Fixture(container).file).use { bert ->
            val heard = ArrayList<Int>()
            val check = bert.selfCheck { done, total -> heard.add(done).also { assertEquals(check(bert), total) } }
            assertTrue(check.ok, check.failures.toString())
            assertEquals((1..check.vectors).toList(), heard)
        }
    }

    private fun check(bert: PocketBert) = bert.artifact.golden.vectors.size

    @Test
    fun `labels come best first with scores that add up to one`() {
        PocketBert.open(Fixture("onnx").file).use { bert ->
            val labels = bert.classify("wake me at six please")
            assertEquals("alarm", labels[0].label)
            assertEquals((bert.artifact.manifest.task as Task.Classification).labels.toSet(), labels.map { it.label }.toSet())
            assertEquals(labels.sortedByDescending { it.score }, labels)
            assertTrue(abs(labels.sumOf { it.score.toDouble() } - 1) < 1e-6)
        }
    }

    @Test
    fun `what the file is not made for is refused`() {
        PocketBert.open(Fixture("onnx").file).use { bert ->
            assertRefused("this model takes one text, not two.") { bert.classify("one", "two") }
            assertRefused("this file gives labels, not a value: call classify.") { bert.value("one") }
            val outside = bert.artifact.manifest.vocabularySize
            val inputs = Inputs(intArrayOf(outside, 1), intArrayOf(1, 1), intArrayOf(0, 0))
            assertTrue(assertThrows(ArtifactException::class.java) { bert.outputs(inputs) }.message!!.contains("$outside"))
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["onnx", "tflite"])
    fun `a closed model says so, however often it was closed`(container: String) {
        val bert = PocketBert.open(Fixture(container).file)
        bert.close()
        bert.close()
        assertRefused("this model has been closed: open the file again.") { bert.classify("wake me") }
    }

    @ParameterizedTest
    @ValueSource(strings = ["onnx", "tflite"])
    fun `threads take turns`(container: String) {
        val fixture = Fixture(container)
        PocketBert.open(fixture.file).use { bert ->
            val alone = fixture.answers.map { bert.outputs(it.text) }
            val threads = Executors.newFixedThreadPool(4)
            try {
                // each thread has another length in its hands at any time
                val calls = List(4) { start -> fixture.answers.indices.map { (it + start * 11) % alone.size } }
                val found = threads.invokeAll(calls.map { order -> Callable { order.map { bert.outputs(fixture.answers[it].text) } } })
                for ((order, outputs) in calls.zip(found)) {
                    for ((i, output) in order.zip(outputs.get())) assertArrayEquals(alone[i], output)
                }
            } finally {
                threads.shutdownNow()
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["onnx", "tflite"])
    fun `bytes on the heap are copied to where native code reads them`(container: String) {
        val fixture = Fixture(container)
        val artifact = Artifact.read(ByteBuffer.wrap(fixture.file.readBytes()))
        val answer = fixture.answers.last()
        openEngine(artifact, null).use { engine ->
            assertArrayEquals(answer.outputs, engine.run(artifact.encode(answer.text)), artifact.golden.reproducibility.largest.toFloat())
        }
    }

    private fun assertRefused(message: String, call: () -> Unit) =
        assertEquals(message, assertThrows(ArtifactException::class.java) { call() }.message)
}
