package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

class ThreadCountTest {
    private val count = ThreadCount("ExecuTorch")

    @Test
    fun `another count is refused for as long as a model is open`() {
        count.join(2)
        count.join(2)
        count.leave()
        val refused = assertThrows(ArtifactException::class.java) { count.join(1) }
        assertEquals(
            "ExecuTorch has one pool of threads in a process, and a model that is open uses it with 2, not 1: " +
                "close that model first, or open this one with threads = 2.",
            refused.message,
        )
        count.join(2) // the refusal has changed nothing
        count.leave()
        count.leave()
        count.join(1)
    }
}
