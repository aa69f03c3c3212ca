package dev.pocketbert.tokenizer

/**
 * A text or pair as tokens, specials included, without padding. All arrays have one length.
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
)
