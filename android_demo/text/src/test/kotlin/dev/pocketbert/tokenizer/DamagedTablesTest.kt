package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.TokenizerOptions
import dev.pocketbert.artifact.WordPieceOptions
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** What breaks a rule of docs/artifact.md sections 4 and 5 is refused, with the part's name in the message. */
class DamagedTablesTest {
    private val good = Tables().bytes()

    private fun refused(
        said: String,
        normalizer: ByteBuffer = good,
        vocabulary: ByteBuffer = Tables.vocabulary(),
        options: TokenizerOptions = Tables.options(),
    ) {
        val error = assertThrows(ArtifactException::class.java, { Tokenizer(options, vocabulary, normalizer.duplicate()) }, said)
        assertTrue(said in error.message!!, "\"$said\" is not in: ${error.message}")
    }

    @Test
    fun `a table that ends too early, at any byte, or too late`() {
        for (length in 0 until good.limit()) refused("normalizer.bin ends", good.duplicate().limit(length) as ByteBuffer)
        val longer = ByteBuffer.allocate(good.limit() + 1).put(good.duplicate()).flip() as ByteBuffer
        longer.limit(good.limit() + 1)
        refused("1 bytes behind its last mapping", longer)
    }

    @Test
    fun `another kind of file, and flags of a later version`() {
        refused("does not begin with PBN1", ByteBuffer.wrap("PBN2abcdefgh".toByteArray()))
        refused("flags 2", Tables(hangul = 2).bytes())
    }

    @Test
    fun `ranges out of order, touching, turned round or overlapping`() {
        refused("deleted", Tables(deleted = listOf(9..9, 3..3)).bytes())
        refused("deleted", Tables(deleted = listOf(3..5, 6..7)).bytes())
        refused("padded", Tables(padded = listOf(0x4E00..0x4E80, 0x4E80..0x4E81)).bytes())
        @Suppress("EmptyRange")
        refused("punctuation", Tables(punctuation = listOf(7..3)).bytes())
    }

    @Test
    fun `what is no character`() {
        refused("U+110000, which is no character, in its list of deleted", Tables(deleted = listOf(3..0x110000)).bytes())
        refused("U+FFFFFFFF", Tables(space = listOf(-1..-1)).bytes())
        refused("U+D800", Tables(padded = listOf(0xD800..0xD900)).bytes())
        refused("U+DC00, which is no character, in its mappings", Tables(mappings = listOf(65 to listOf(0xDC00))).bytes())
        refused("U+110000", Tables(mappings = listOf(0x110000 to listOf(65))).bytes())
    }

    @Test
    fun `a character that is punctuation and space, and mappings out of order`() {
        refused("U+0020 in both", Tables(punctuation = listOf(0x1F..0x21)).bytes())
        refused("U+0020 in both", Tables(punctuation = listOf(0x20..0x20), space = listOf(0x1F..0x21)).bytes())
        refused("mapping of U+0041 out of order", Tables(mappings = listOf(66 to listOf(65), 65 to listOf(66))).bytes())
        refused("mapping of U+0041 out of order", Tables(mappings = listOf(65 to listOf(65), 65 to listOf(66))).bytes())
    }

    @Test
    fun `the longest table that the page allows is read`() {
        val many = List(0xFFFF) { 0x10000 + it to List(1) { 97 } }
        val bytes = ByteBuffer.allocate(20 + 9 * many.size).order(ByteOrder.LITTLE_ENDIAN)
        bytes.put("PBN1".toByteArray()).put(0)
        repeat(4) { bytes.putShort(0) }
        bytes.putShort(-1)
        for ((code, text) in many) bytes.putInt(code).put(1).putInt(text[0])
        val found = Tokenizer(Tables.options(), Tables.vocabulary(), bytes.flip() as ByteBuffer).encode(String(Character.toChars(0x1FFFE)))
        assertEquals(listOf(2, 9, 3), found.ids.toList())
    }

    @Test
    fun `a vocabulary that is none`() {
        refused("vocab.txt is empty", vocabulary = ByteBuffer.allocate(0))
        refused("does not end with a line break", vocabulary = ByteBuffer.wrap("a\nb".toByteArray()))
        refused("is not UTF-8", vocabulary = ByteBuffer.wrap(byteArrayOf(97, 10, -1, 10)))
        refused("is not UTF-8", vocabulary = ByteBuffer.wrap(byteArrayOf(97, 10, -19, -96, -128, 10))) // a surrogate's three bytes
        refused("same piece in lines 5 and 28", vocabulary = Tables.vocabulary(Tables.PIECES + "wake"))
    }

    @Test
    fun `lines end with a line feed alone`() {
        val odd = listOf("\r", "\u2028", "\u0085", "x\r", "")
        val tokenizer = Tokenizer(Tables.options(), Tables.vocabulary(Tables.PIECES + odd), good.duplicate())
        assertEquals(odd, odd.indices.map { tokenizer.piece(Tables.PIECES.size + it) })
    }

    @Test
    fun `a vocabulary larger than any`() {
        val line = ByteArray(1 shl 21) { 97 } + byteArrayOf(10)
        refused("different beginnings", vocabulary = ByteBuffer.wrap(line))
    }

    @Test
    fun `a manifest that does not fit`() {
        for ((name, ids) in listOf("cls_id" to Triple(27, 3, 1), "sep_id" to Triple(2, -1, 1), "unk_id" to Triple(2, 3, 99))) {
            val (cls, sep, unk) = ids
            refused("tokenizer.wordpiece.$name", options = Tables.options(wordPiece = WordPieceOptions(cls, sep, unk, "##", 100)))
        }
        refused("no tokenizer.wordpiece", options = Tables.options(wordPiece = null))
        refused("\"bpe\"", options = Tables.options().copy(kind = "bpe"))
        refused("special_tokens_in_text", options = Tables.options().copy(specialTokensInText = true))
    }

    @Test
    fun `tables are read from position to limit in any byte order`() {
        fun framed(inner: ByteBuffer) =
            ByteBuffer.allocate(inner.remaining() + 6).apply {
                position(3)
                put(inner.duplicate())
                limit(position())
                position(3)
            }
        val tokenizer = Tokenizer(Tables.options(), framed(Tables.vocabulary()).asReadOnlyBuffer(), framed(good).asReadOnlyBuffer())
        assertEquals(listOf("[CLS]", "wake", "##ing", "[SEP]"), tokenizer.encode("wakeing").ids.map(tokenizer::piece))
    }
}
