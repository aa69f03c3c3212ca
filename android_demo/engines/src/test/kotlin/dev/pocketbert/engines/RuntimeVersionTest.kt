package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import org.junit.jupiter.api.Assertions.assertDoesNotThrow
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class RuntimeVersionTest {
    /** The pairs are the Python side's, from tests of the rule in docs/artifact.md section 3. */
    @Test
    fun `three numbers are compared, and what follows them is not looked at`() {
        for ((older, newer) in listOf("1.9" to "1.20", "1.20" to "1.20.1", "1.2.0" to "2", "0.9.9" to "1.0rc1")) {
            assertTrue(RuntimeVersion(older) < RuntimeVersion(newer), "$older < $newer")
        }
        for ((one, other) in listOf("1.20" to "1.20.0", "1.2.0rc1" to "1.2.0", "1.5.1+cpu" to "1.5.1", "1.2.3.4" to "1.2.3")) {
            assertEquals(0, RuntimeVersion(one).compareTo(RuntimeVersion(other)), "$one = $other")
        }
    }

    @Test
    fun `a runtime that tells its version is compared with what the file needs`() {
        assertDoesNotThrow { OnnxRuntimeEngine.checkVersion("1.20", "1.20.0") }
        assertMessage({ OnnxRuntimeEngine.checkVersion("1.20", "1.19.2") }, "needs ONNX Runtime 1.20 or later, and this app carries 1.19.2")
    }

    @Test
    fun `one that does not is known by its classes, up to a point`() {
        assertDoesNotThrow { ExecuTorchEngine.checkVersion("1.3", closeable = true) }
        assertMessage({ ExecuTorchEngine.checkVersion("1.3", closeable = false) }, RuntimeLibrary.EXECUTORCH.gradleLine)
        assertMessage({ ExecuTorchEngine.checkVersion("1.6", closeable = true) }, "use a newer pocketbert")
        assertDoesNotThrow { LiteRtEngine.checkVersion("2.1.0", litert2 = true) }
        assertMessage({ LiteRtEngine.checkVersion("2.1.0", litert2 = false) }, RuntimeLibrary.LITERT.gradleLine)
        assertMessage({ LiteRtEngine.checkVersion("2.4", litert2 = true) }, "use a newer pocketbert")
    }

    private fun assertMessage(call: () -> Unit, part: String) {
        val message = assertThrows(ArtifactException::class.java) { call() }.message.orEmpty()
        assertTrue(part in message, message)
    }
}
