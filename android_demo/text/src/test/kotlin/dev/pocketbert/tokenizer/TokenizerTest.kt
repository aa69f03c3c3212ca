package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.WordPieceOptions
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.Callable
import java.util.concurrent.Executors

/** The rules of docs/artifact.md section 4, each by itself; what is right was worked out by hand. */
class TokenizerTest {
    private val tokenizer = Tables.tokenizer()

    private fun pieces(text: String, pair: String? = null) = tokenizer.encode(text, pair).ids.map(tokenizer::piece)

    private fun inner(text: String) = pieces(text).drop(1).dropLast(1)

    /** Start to end of each token between the special ones. */
    private fun places(text: String) =
        tokenizer.encode(text).let { found -> (1 until found.ids.size - 1).map { found.starts[it]..found.ends[it] } }

    @Test
    fun `a text is framed`() {
        assertEquals(listOf("[CLS]", "wake", "[SEP]"), pieces("wake"))
        assertEquals(listOf("[CLS]", "[SEP]"), pieces(""))
        assertEquals(listOf("[CLS]", "[SEP]"), pieces(" \t\u0000 "))
    }

    @Test
    fun `a pair has types, and each text its own places`() {
        val found = tokenizer.encode("a wake", " b")
        assertEquals(listOf("[CLS]", "a", "wake", "[SEP]", "b", "[SEP]"), found.ids.map(tokenizer::piece))
        assertArrayEquals(intArrayOf(0, 0, 0, 0, 1, 1), found.types)
        assertArrayEquals(intArrayOf(0, 0, 2, 0, 1, 0), found.starts)
        assertArrayEquals(intArrayOf(0, 1, 6, 0, 2, 0), found.ends)
        assertFalse(found.truncated)
    }

    @Test
    fun `an empty second text is still a pair`() {
        assertEquals(listOf("[CLS]", "a", "[SEP]", "[SEP]"), pieces("a", ""))
    }

    @Test
    fun `the longest piece is taken, and a word that does not come out is unknown as a whole`() {
        assertEquals(listOf("wake", "##e", "##ing"), inner("WAKEeing"))
        assertEquals(listOf("[UNK]"), inner("wakez"))
        assertEquals(listOf("wake", "[UNK]", "a"), inner("wake wakz a"))
        assertEquals(listOf("[UNK]"), inner("inga")) // ##ing begins no word
        assertEquals(listOf(0..4, 5..9, 10..11), places("wake wakz a"))
    }

    @Test
    fun `characters are mapped, dropped and split by the tables alone`() {
        assertEquals(listOf("e", ".", ".", "ij"), inner("é‥İ"))
        assertEquals(listOf(0..1, 1..2, 1..2, 2..3), places("é‥İ"))
        assertEquals(listOf("wake", "a"), inner("wa\u0301k\u0000e\ta"))
        assertEquals(listOf("w", "##a", "##b"), inner("wab"))
        assertEquals(listOf("[UNK]"), inner("ÉE")) // É is in no table, whatever the platform thinks of it
    }

    @Test
    fun `what normalization drops is outside at a token's rim and inside in its middle`() {
        assertEquals(listOf(1..4, 5..6), places("\u0301a\u0301b\u0301.\u0301").let { listOf(it[0].first..it[1].last, it[2]) })
        assertEquals(listOf(0..5), places("wa\u0301ke"))
    }

    @Test
    fun `padded characters are words by themselves`() {
        assertEquals(listOf("a", "一", "b"), inner("a一b"))
        assertEquals(listOf("\u8C48", "一"), inner("\uF900一")) // a character that is mapped and padded
        assertEquals(listOf(0..1, 1..2), places("\uF900一"))
    }

    @Test
    fun `Hangul syllables are decomposed where the table says so`() {
        assertEquals(listOf("\u1100\u1161\u11A8"), inner("각"))
        assertEquals(listOf(0..1), places("각"))
        val kept = Tokenizer(Tables.options(), Tables.vocabulary(Tables.PIECES + "각"), Tables(hangul = 0).bytes())
        assertEquals("각", kept.piece(kept.encode("각").ids[1]))
    }

    @Test
    fun `special tokens in a text are ordinary characters`() {
        assertEquals(listOf("[UNK]"), inner("[SEP]")) // brackets are no punctuation in these tables, and [sep] is no piece
        assertFalse(3 in tokenizer.encode("[SEP]").ids.drop(1).dropLast(1))
    }

    @Test
    fun `half a surrogate pair is dropped, wherever it stands`() {
        for (text in listOf("wa\uD83Dke", "wa\uDE42ke", "\uD83Dwake", "wake\uD83D", "wake\uDE42", "wa\uDE42\uD83Dke", "\uD83D")) {
            val rest = text.filter { !it.isSurrogate() }
            assertEquals(pieces(rest), pieces(text), text)
        }
        assertEquals(listOf("🙂"), inner("\uD83D🙂"))
        assertEquals(listOf(1..3), places("\uD83D🙂"))
        assertEquals(listOf(0..5), places("wa\uD83Dke"))
    }

    @Test
    fun `characters beyond the first plane are one character`() {
        assertEquals(listOf("a", "##🙂", "##b"), inner("\uD835\uDC00🙂b"))
        assertEquals(listOf(0..2, 2..4, 4..5), places("\uD835\uDC00🙂b"))
    }

    @Test
    fun `places in code points`() {
        val text = "🙂 \uD83Db🙂"
        val pair = "e🙂 wake"
        val found = tokenizer.encode(text, pair).inCodePoints(text, pair)
        assertEquals(listOf("[CLS]", "🙂", "b", "##🙂", "[SEP]", "e", "##🙂", "wake", "[SEP]"), found.ids.map(tokenizer::piece))
        // the half pair before b counts as one, as in a Python string
        assertArrayEquals(intArrayOf(0, 0, 3, 4, 0, 0, 1, 3, 0), found.starts)
        assertArrayEquals(intArrayOf(0, 1, 4, 5, 0, 1, 2, 7, 0), found.ends)
    }

    @Test
    fun `a word of a hundred characters is cut, one more makes it unknown`() {
        assertEquals(101, Tables.tokenizer(200).encode("w" + "a".repeat(99)).ids.size - 1)
        assertEquals(listOf("[UNK]"), inner("w" + "a".repeat(100)))
        assertEquals(listOf(0..101), places("w" + "a".repeat(100)))
        assertEquals(listOf("[UNK]"), inner("🙂".repeat(101))) // characters, not UTF-16 units
        assertEquals(101, Tables.tokenizer(200).encode("🙂".repeat(100)).ids.size - 1)
        val small = Tokenizer(Tables.options(wordPiece = WordPieceOptions(2, 3, 1, "##", 3)), Tables.vocabulary(), Tables().bytes())
        assertArrayEquals(intArrayOf(2, 1, 9, 3), small.encode("wake a").ids)
    }

    @Test
    fun `another prefix, and one that no piece begins with`() {
        fun ids(prefix: String) =
            Tokenizer(Tables.options(wordPiece = WordPieceOptions(2, 3, 1, prefix, 100)), Tables.vocabulary(), Tables().bytes())
                .encode("ab wake")
                .ids
                .toList()
        assertEquals(listOf(2, 9, 10, 4, 3), ids(""))
        assertEquals(listOf(2, 1, 4, 3), ids("@@"))
    }

    @Test
    fun `a text too long keeps its begin`() {
        val found = Tables.tokenizer(5).encode("a b wake e")
        assertArrayEquals(intArrayOf(2, 9, 10, 4, 3), found.ids)
        assertTrue(found.truncated)
        assertFalse(Tables.tokenizer(5).encode("a b wake").truncated)
        assertArrayEquals(intArrayOf(2, 6, 7, 7, 3), Tables.tokenizer(5).encode("waaaa b").ids)
        assertArrayEquals(intArrayOf(2, 3), Tables.tokenizer(2).encode("a").ids)
    }

    @Test
    fun `pairs are shortened by the page's rule`() {
        // pieces of the two texts -> how many are kept of each in 9 tokens, which hold 6 pieces, and in 10, which hold 7
        val expected =
            mapOf(
                (2 to 9) to (2 to 4 to (2 to 5)),
                (9 to 2) to (4 to 2 to (5 to 2)),
                (5 to 5) to (3 to 3 to (3 to 4)), // on a tie the second text gets the odd one
                (9 to 8) to (3 to 3 to (4 to 3)), // else the longer
                (8 to 9) to (3 to 3 to (3 to 4)),
                (0 to 9) to (0 to 6 to (0 to 7)),
                (3 to 4) to (3 to 3 to (3 to 4)),
            )
        for ((given, kept) in expected) {
            for ((length, right) in listOf(9 to kept.first, 10 to kept.second)) {
                assertEquals(right, keptOf(given.first, given.second, length, Truncation.LONGEST_FIRST), "$given in $length")
            }
        }
    }

    @Test
    fun `only the second text is shortened where that is asked for`() {
        assertEquals(5 to 1, keptOf(5, 9, 9, Truncation.ONLY_SECOND))
        assertEquals(2 to 4, keptOf(2, 9, 9, Truncation.ONLY_SECOND))
        assertEquals(2 to 4, keptOf(2, 4, 9, Truncation.ONLY_SECOND))
        assertEquals(6 to 0, keptOf(6, 0, 9, Truncation.ONLY_SECOND))
        val error = assertThrows(ArtifactException::class.java) { keptOf(6, 1, 9, Truncation.ONLY_SECOND) }
        assertTrue("first text has 6 pieces" in error.message!!, error.message)
        assertThrows(ArtifactException::class.java) { Tables.tokenizer(5).encode("a b a b", null, Truncation.ONLY_SECOND) }
        assertEquals(5, Tables.tokenizer(5).encode("a b a", null, Truncation.ONLY_SECOND).ids.size)
    }

    @Test
    fun `a length without room for a pair is refused for pairs only`() {
        val error = assertThrows(ArtifactException::class.java) { Tables.tokenizer(2).encode("a", "b") }
        assertTrue("2 tokens" in error.message!!, error.message)
    }

    @Test
    fun `every id of the vocabulary has its piece, and no other`() {
        assertEquals(Tables.PIECES, Tables.PIECES.indices.map(tokenizer::piece))
        for (id in listOf(-1, Tables.PIECES.size, Int.MAX_VALUE)) {
            assertThrows(IndexOutOfBoundsException::class.java, { tokenizer.piece(id) }, "$id")
        }
    }

    @Test
    fun `one tokenizer serves many threads`() {
        val texts = List(400) { "wake".repeat(it % 7) + " a,b".repeat(it % 5) + " é‥İ一\uD83D🙂" }
        val right = texts.map { tokenizer.encode(it).ids.toList() }
        val pool = Executors.newFixedThreadPool(4)
        try {
            val work = List(8) { Callable { texts.map { text -> tokenizer.encode(text).ids.toList() } } }
            for (found in pool.invokeAll(work)) assertEquals(right, found.get())
        } finally {
            pool.shutdown()
        }
    }

    private fun keptOf(first: Int, second: Int, length: Int, truncation: Truncation): Pair<Int, Int> {
        val found = Tables.tokenizer(length).encode("a ".repeat(first), "b ".repeat(second), truncation)
        assertEquals(first + second + 3 > length, found.truncated)
        return found.ids.count { it == 9 } to found.ids.count { it == 10 }
    }
}
