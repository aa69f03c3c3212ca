package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** normalizer.bin as it stands (docs/artifact.md section 5), every rule of the page checked. [bytes] from position to limit. */
internal class NormalizerFile(bytes: ByteBuffer) {
    private val source = bytes.slice().order(ByteOrder.LITTLE_ENDIAN)

    /** Whether Hangul syllables are decomposed. */
    val hangul: Boolean

    val deleted: Ranges
    val padded: Ranges
    val punctuation: Ranges
    val space: Ranges
    val mappings: Mappings

    init {
        for (byte in MAGIC) {
            if (int8("first bytes") != byte.code) throw damaged("does not begin with $MAGIC")
        }
        val flags = int8("flags")
        if (flags > 1) throw damaged("has flags $flags, and this version knows 0 and 1")
        hangul = flags == 1
        deleted = ranges("deleted")
        padded = ranges("padded")
        punctuation = ranges("punctuation")
        space = ranges("space")
        val both = space.common(punctuation)
        if (both >= 0) throw damaged("has ${name(both)} in both punctuation and space")
        mappings = mappings()
        if (source.hasRemaining()) throw damaged("has ${source.remaining()} bytes behind its last mapping")
    }

    /** Whether any list or mapping is about a character from [first] to [last]. */
    fun touches(first: Int, last: Int): Boolean =
        deleted.touches(first, last) ||
            padded.touches(first, last) ||
            punctuation.touches(first, last) ||
            space.touches(first, last) ||
            mappings.touches(first, last) ||
            (hangul && first <= SYLLABLES.last && last >= SYLLABLES.first)

    private fun ranges(list: String): Ranges {
        val part = "list of $list characters"
        val count = int16(part)
        val firsts = IntArray(count)
        val lasts = IntArray(count)
        var least = 0
        for (i in 0 until count) {
            val first = character(part)
            val last = character(part)
            if (first < least || last < first) throw damaged("has the range ${name(first)} to ${name(last)} out of order in its $part")
            firsts[i] = first
            lasts[i] = last
            least = last + 2 // ranges that touch would be one
        }
        return Ranges(firsts, lasts)
    }

    private fun mappings(): Mappings {
        val part = "mappings"
        val count = int16(part)
        val codes = IntArray(count)
        val ends = IntArray(count)
        val values = IntList()
        for (i in 0 until count) {
            codes[i] = character(part)
            if (i > 0 && codes[i] <= codes[i - 1]) throw damaged("has the mapping of ${name(codes[i])} out of order")
            repeat(int8(part)) { values.add(character(part)) }
            ends[i] = values.size
        }
        return Mappings(codes, ends, values.toArray())
    }

    private fun character(part: String): Int {
        need(4, part)
        val code = source.getInt()
        if (code !in 0..LAST_CHARACTER || code in SURROGATES) throw damaged("has ${name(code)}, which is no character, in its $part")
        return code
    }

    private fun int8(part: String): Int {
        need(1, part)
        return source.get().toInt() and 0xFF
    }

    private fun int16(part: String): Int {
        need(2, part)
        return source.getShort().toInt() and 0xFFFF
    }

    private fun need(count: Int, part: String) {
        if (source.remaining() < count) throw damaged("ends at byte ${source.limit()}, inside its $part")
    }

    private fun damaged(what: String) =
        ArtifactException("normalizer.bin $what. The file is damaged: copy it anew, or export the model again.")

    private fun name(code: Int) = "U+" + Integer.toHexString(code).uppercase().padStart(4, '0')

    /** Characters as ascending ranges, both ends inclusive. */
    class Ranges(private val firsts: IntArray, private val lasts: IntArray) {
        operator fun contains(code: Int): Boolean = touches(code, code)

        /** Whether a character from [first] to [last] is here. */
        fun touches(first: Int, last: Int): Boolean {
            val before = lastBeginning(last)
            return before >= 0 && first <= lasts[before]
        }

        /** Whether all from [first] to [last] are here. */
        fun covers(first: Int, last: Int): Boolean {
            val before = lastBeginning(first)
            return before >= 0 && last <= lasts[before]
        }

        /** The last range that does not begin behind [code], or -1. */
        private fun lastBeginning(code: Int): Int {
            val found = firsts.binarySearch(code)
            return if (found >= 0) found else -found - 2
        }

        /** A character that both have, or -1. */
        fun common(other: Ranges): Int =
            firsts.firstOrNull { it in other } ?: other.firsts.firstOrNull { it in this } ?: -1
    }

    /** What characters become, ascending by character. [ends] is where each one's [values] end. */
    class Mappings(private val codes: IntArray, private val ends: IntArray, private val values: IntArray) {
        /** Whether a character from [first] to [last] has a mapping. */
        fun touches(first: Int, last: Int): Boolean {
            val found = codes.binarySearch(first)
            val next = if (found >= 0) found else -found - 1
            return next < codes.size && codes[next] <= last
        }

        /** What [code] becomes; null where it stays. */
        fun of(code: Int): IntArray? {
            val found = codes.binarySearch(code)
            return if (found < 0) null else values.copyOfRange(if (found == 0) 0 else ends[found - 1], ends[found])
        }
    }

    companion object {
        const val LAST_CHARACTER = 0x10FFFF
        val SYLLABLES = 0xAC00..0xD7A3 // Hangul
        private val SURROGATES = 0xD800..0xDFFF
        private const val MAGIC = "PBN1"
    }
}
