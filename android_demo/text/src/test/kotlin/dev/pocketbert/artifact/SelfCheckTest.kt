package dev.pocketbert.artifact

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class SelfCheckTest {
    private val ids = listOf(2, 4, 5, 6, 7, 3)

    /** A file whose 64 vectors all have this output. */
    private fun artifact(
        output: String,
        tolerances: String = SealedFiles.TOLERANCES,
        ids: List<Int> = this.ids,
        types: List<Int> = List(6) { 0 },
    ) = Artifact.read(SealedFiles.file(golden = SealedFiles.golden("\"wake me at six\"", ids, types, output, tolerances)))

    private fun tolerances(typical: Double, largest: Double) =
        """"tolerance": 1, "reproducibility": {"typical": $typical, "largest": $largest}"""

    @Test
    fun `a reproducible graph passes, to the last bit of it`() {
        val heard = mutableListOf<Pair<Int, Int>>()
        val found = selfCheck(artifact("[1.5, -2]"), { done, total -> heard += done to total }) { inputs ->
            assertEquals(ids, inputs.ids.toList())
            floatArrayOf(1.75f, -2.25f)
        }
        assertTrue(found.ok && found.idsEqual)
        assertEquals(0.25, found.largestDifference)
        assertEquals(List(64) { it + 1 to 64 }, heard)
        assertFalse(selfCheck(artifact("[1.5, -2]")) { floatArrayOf(1.75f, -2.2500002f) }.ok)
    }

    @Test
    fun `a difference is taken in double`() {
        // 16777216 - 0.5 is a tie between two floats and would round to 16777216
        val found = selfCheck(artifact("[16777216, 0]", tolerances(16777215.75, 16777215.75))) { floatArrayOf(0.5f, 0f) }
        assertEquals(16777215.5, found.largestDifference)
        assertTrue(found.failures.all { "best label" in it })
    }

    @Test
    fun `a quarter of the vectors may be farther off than is typical`() {
        val artifact = artifact("[1.5, -2]", tolerances(0.25, 0.5))
        fun off(count: Int): SelfCheck {
            var run = 0
            return selfCheck(artifact) { if (run++ < count) floatArrayOf(2f, -2f) else floatArrayOf(1.75f, -2f) }
        }
        assertTrue(off(16).ok)
        assertEquals(listOf("17 of 64 vectors are off by more than 0.25, and a quarter may be"), off(17).failures)
    }

    @Test
    fun `a file of format 1,0 is held to its tolerance`() {
        val found = selfCheck(artifact("[1.5, -2]", tolerances = "\"tolerance\": 8")) { floatArrayOf(-6.5f, -2f) }
        assertEquals(8.0, found.tolerance)
        assertTrue(found.failures.all { "best label" in it })
    }

    @Test
    fun `not a number, and a column too few, fail`() {
        for (output in listOf(floatArrayOf(Float.NaN, -2f), floatArrayOf(1.5f, Float.NEGATIVE_INFINITY), floatArrayOf(1.5f))) {
            val found = selfCheck(artifact("[1.5, -2]")) { output }
            assertFalse(found.ok)
            assertEquals(Double.POSITIVE_INFINITY, found.largestDifference)
            assertEquals(10, found.failures.size)
        }
    }

    @Test
    fun `another best label fails only where the recorded one leads by more than that`() {
        assertTrue(selfCheck(artifact("[1.5, 1.25]")) { floatArrayOf(1.375f, 1.5f) }.ok)
        val found = selfCheck(artifact("[1.5, 1.125]")) { floatArrayOf(1.25f, 1.375f) }
        assertEquals("vector 0: another best label than when the file was sealed", found.failures[0])
    }

    @Test
    fun `of equals the first is best, zero and minus zero being equal`() {
        // numpy's argmax gives column 0 for such an output
        assertTrue(selfCheck(artifact("[0.25, -0.25]")) { floatArrayOf(-0f, 0f) }.ok)
        assertFalse(selfCheck(artifact("[-0.25, 0.25]")) { floatArrayOf(0f, -0f) }.ok)
    }

    @Test
    fun `other ids fail, and the graph is not asked`() {
        for (vector in listOf(artifact("[1, 0]", ids = ids.reversed()), artifact("[1, 0]", types = List(6) { 1 }))) {
            val found = selfCheck(vector) { error("must not run") }
            assertFalse(found.ok || found.idsEqual)
            assertEquals("vector 0: the tokenizer gives other ids than when the file was sealed", found.failures[0])
        }
    }
}
