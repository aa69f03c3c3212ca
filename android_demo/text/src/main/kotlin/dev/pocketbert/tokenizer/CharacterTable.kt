package dev.pocketbert.tokenizer

import java.nio.ByteBuffer

/**
 * What every character becomes and where it splits words: normalizer.bin (docs/artifact.md section 5) laid out for speed.
 *
 * Two stages: the upper bits of a character choose a block of cells, its lower bits the cell. Equal blocks are stored once, so
 * BERT's tables take half a megabyte. A cell is 0 for a character that stays as it is inside a word. Else it has [SPACE] or
 * [PUNCTUATION] if the character stays and splits, [PADDED] where a space goes before and after, and [MAPPED] where what
 * stands in [pool] at `cell ushr PLACE` takes the character's place.
 */
internal class CharacterTable(bytes: ByteBuffer) {
    private val blocks = ShortArray((NormalizerFile.LAST_CHARACTER + 1) / BLOCK)
    private val cells: IntArray

    /** Runs of a count and that many characters, each with its [SPACE] or [PUNCTUATION] shifted left by [SPLIT]. */
    val pool: IntArray

    /** U+0020 in the form of [pool]. */
    val blank: Int

    init {
        val file = NormalizerFile(bytes)
        val stored = IntList(1 shl 15)
        val texts = IntList(1 shl 15)
        texts.add(0) // place 0: nothing, for deleted characters
        val known = HashMap<Int, Int>() // hash of a block -> its number, of the first block that has it
        val block = IntArray(BLOCK)
        for (number in blocks.indices) {
            val first = number * BLOCK
            val last = first + BLOCK - 1
            when {
                !file.touches(first, last) -> block.fill(0)
                file.deleted.covers(first, last) -> block.fill(MAPPED) // private use, two planes of it
                else -> for (i in 0 until BLOCK) block[i] = cell(file, first + i, texts)
            }
            val same = known.getOrPut(block.contentHashCode()) { stored.size / BLOCK }
            val shared = same < stored.size / BLOCK && block.indices.all { stored[same * BLOCK + it] == block[it] }
            blocks[number] = (if (shared) same else stored.size / BLOCK).toShort()
            if (!shared) block.forEach(stored::add)
        }
        cells = stored.toArray()
        pool = texts.toArray()
        blank = withSplit(file, ' '.code)
    }

    /** The cell of a character below 0x110000. */
    fun cell(code: Int): Int = cells[blocks[code shr BLOCK_BITS] * BLOCK + (code and BLOCK - 1)]

    private fun cell(file: NormalizerFile, code: Int, texts: IntList): Int {
        if (code in file.deleted) return MAPPED
        val padded = if (code in file.padded) PADDED else 0
        val syllable = file.hangul && code in NormalizerFile.SYLLABLES
        val text = if (syllable) jamo(code - NormalizerFile.SYLLABLES.first) else file.mappings.of(code)
        if (text == null) return padded or split(file, code)
        val place = texts.size
        texts.add(text.size)
        for (each in text) texts.add(withSplit(file, each))
        return padded or MAPPED or (place shl PLACE)
    }

    private fun jamo(s: Int): IntArray {
        val two = intArrayOf(0x1100 + s / 588, 0x1161 + s % 588 / 28)
        return if (s % 28 == 0) two else two + (0x11A7 + s % 28)
    }

    private fun split(file: NormalizerFile, code: Int) =
        when (code) {
            in file.space -> SPACE
            in file.punctuation -> PUNCTUATION
            else -> 0
        }

    private fun withSplit(file: NormalizerFile, code: Int) = code or (split(file, code) shl SPLIT)

    companion object {
        const val SPACE = 1
        const val PUNCTUATION = 2
        const val PADDED = 4
        const val MAPPED = 8
        const val PLACE = 4
        const val SPLIT = 24
        const val CHARACTER = (1 shl SPLIT) - 1
        private const val BLOCK_BITS = 7
        private const val BLOCK = 1 shl BLOCK_BITS
    }
}
