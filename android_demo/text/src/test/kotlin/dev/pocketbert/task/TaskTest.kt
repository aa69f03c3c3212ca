package dev.pocketbert.task

import dev.pocketbert.artifact.OutputKind
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

class TaskTest {
    private val task = Task.Classification(listOf("alarm", "music", "weather"), pair = false)

    @Test
    fun `logits become scores, best first`() {
        // e^2, e^1 and e^0 over their sum, by hand: 7.389056, 2.718282 and 1 over 11.107338
        val expected = listOf(Label("music", 0.66524096f), Label("weather", 0.24472847f), Label("alarm", 0.09003057f))
        assertEquals(expected, task.decode(floatArrayOf(100f, 102f, 101f), OutputKind.LOGITS))
    }

    @Test
    fun `probabilities are scores already`() {
        val found = task.decode(floatArrayOf(0.25f, 0.125f, 0.625f), OutputKind.PROBABILITIES)
        assertEquals(listOf(Label("weather", 0.625f), Label("alarm", 0.25f), Label("music", 0.125f)), found)
    }

    @Test
    fun `of equals the earlier column is first`() {
        assertEquals(listOf("alarm", "weather", "music"), task.decode(floatArrayOf(3f, -3f, 3f), OutputKind.LOGITS).map { it.label })
    }

    @Test
    fun `zero and minus zero are equals`() {
        val labels = task.decode(floatArrayOf(-0f, 0f, 1f), OutputKind.PROBABILITIES).map { it.label }
        assertEquals(listOf("weather", "alarm", "music"), labels)
    }

    @Test
    fun `large logits do not overflow`() {
        assertEquals(listOf(1f, 0f, 0f), task.decode(floatArrayOf(-3e38f, 3e38f, 0f), OutputKind.LOGITS).map { it.score })
    }

    @Test
    fun `other columns than labels are an error of the caller`() {
        assertThrows(IllegalArgumentException::class.java) { task.decode(floatArrayOf(1f, 2f), OutputKind.LOGITS) }
        assertThrows(IllegalArgumentException::class.java) { task.decode(floatArrayOf(1f, 2f, 3f), OutputKind.VALUE) }
    }

    @Test
    fun `a regression's output is its value`() {
        assertEquals(3.25f, Task.Regression("score", 0.0, 5.0, pair = true).decode(floatArrayOf(3.25f)))
    }
}
