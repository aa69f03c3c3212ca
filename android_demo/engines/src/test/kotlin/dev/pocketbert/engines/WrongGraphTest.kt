package dev.pocketbert.engines

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class WrongGraphTest {
    @Test
    fun `a graph's long names are cut`() {
        val said = "the graph is not the one that manifest.json describes: its inputs are [${"x".repeat(284)}. Export the file again."
        assertEquals(said, wrongGraph("its inputs are [${"x".repeat(1_000_000)}]").message)
    }
}
