package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.TokenizerOptions
import dev.pocketbert.artifact.WordPieceOptions
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** A small normalizer.bin, written by docs/artifact.md section 5: letters are made small, é loses its accent, `.` and `,` split. */
class Tables(
    val hangul: Int = 1,
    val deleted: List<IntRange> = listOf(0..8, 0x300..0x36F),
    val padded: List<IntRange> = listOf(0x4E00..0x4E8C, 0xF900..0xF900),
    val punctuation: List<IntRange> = listOf(0x2C..0x2C, 0x2E..0x2E),
    val space: List<IntRange> = listOf(0x20..0x20),
    val mappings: List<Pair<Int, List<Int>>> =
        listOf(0x9 to listOf(0x20)) + // a tab is a space
            ('A'..'Z').map { it.code to listOf(it.lowercaseChar().code) } +
            listOf(
                0xE9 to listOf('e'.code), // é
                0x130 to listOf('i'.code, 'j'.code), // one character becomes two of the same word
                0x2025 to listOf('.'.code, '.'.code), // ‥ becomes two words
                0xF900 to listOf(0x8C48), // a padded character that is mapped too
                0x1D400 to listOf('a'.code), // mathematical bold A, two UTF-16 units
            ),
) {
    fun bytes(): ByteBuffer {
        val out = ByteBuffer.allocate(1 shl 16).order(ByteOrder.LITTLE_ENDIAN)
        out.put("PBN1".toByteArray()).put(hangul.toByte())
        for (list in listOf(deleted, padded, punctuation, space)) {
            out.putShort(list.size.toShort())
            for (range in list) out.putInt(range.first).putInt(range.last)
        }
        out.putShort(mappings.size.toShort())
        for ((code, text) in mappings) {
            out.putInt(code).put(text.size.toByte())
            text.forEach(out::putInt)
        }
        return out.flip() as ByteBuffer
    }

    companion object {
        val PIECES =
            listOf("[PAD]", "[UNK]", "[CLS]", "[SEP]", "wake", "##ing", "w", "##a", "##k", "a", "b", "e", "ij", ".", ",", "[") +
                listOf("]", "sep", "一", "\u8C48", "##e", "##b", "🙂", "##🙂", "\u1100\u1161\u11A8", "c", "wak")

        fun vocabulary(pieces: List<String> = PIECES): ByteBuffer = ByteBuffer.wrap((pieces.joinToString("\n") + "\n").toByteArray())

        fun options(maxLength: Int = 32, wordPiece: WordPieceOptions? = WordPieceOptions(2, 3, 1, "##", 100)) =
            TokenizerOptions("wordpiece", specialTokensInText = false, maxLength, padId = 0, wordPiece)

        fun tokenizer(maxLength: Int = 32) = Tokenizer(options(maxLength), vocabulary(), Tables().bytes())
    }
}
