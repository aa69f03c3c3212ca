package dev.pocketbert.tokenizer

/**
 * A text or pair as tokens, specials included, without padding. All arrays have one length.
 *
 * A token's place is from the begin of the character that its first character came from to the end of the one that its last
 * came from, as Hugging Face's `Encoding.offsets` has it: what normalization dropped at a token's rim is outside.
 *
 * @property ids rows of the embedding table.
 * @property types 0 for the first text, 1 for the second.
 * @property starts where each token begins in its own text, in UTF-16 units; 0 for special tokens.
 * @property ends where it ends (exclusive); 0 for special tokens.
 * @property truncated whether pieces were left out.
 */
class Encoding(
    val ids: IntArray,
    val types: IntArray,
    val starts: IntArray,
    val ends: IntArray,
    val truncated: Boolean,
) {
    /**
     * The same with [starts] and [ends] in Unicode code points, which is how the file format and Python count. A lone surrogate
     * counts as one. [text] and [pair] are those that were encoded.
     */
    fun inCodePoints(text: String, pair: String? = null): Encoding {
        val newStarts = IntArray(ids.size)
        val newEnds = IntArray(ids.size)
        var source = text
        var unit = 0 // the begin of the latest token, in UTF-16 units and in code points: tokens never go back within a text
        var point = 0
        for (i in ids.indices) {
            if (i > 0 && types[i] != types[i - 1]) {
                source = requireNotNull(pair) { "these are tokens of a pair: give the second text too." }
                unit = 0
                point = 0
            }
            if (ends[i] == 0) continue // a special token has no place
            point += source.codePointCount(unit, starts[i])
            unit = starts[i]
            newStarts[i] = point
            newEnds[i] = point + source.codePointCount(unit, ends[i])
        }
        return Encoding(ids, types, newStarts, newEnds, truncated)
    }
}
