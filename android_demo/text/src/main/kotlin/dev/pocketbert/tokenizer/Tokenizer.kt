package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.TokenizerOptions
import dev.pocketbert.artifact.WordPieceOptions
import dev.pocketbert.artifact.quoted
import java.nio.ByteBuffer

/**
 * Hugging Face's BERT tokenizer, from the artifact's own tables (docs/artifact.md sections 4 and 5): never from the platform's
 * Unicode, which differs from phone to phone. Safe to share between threads.
 *
 * Special tokens that stand in a text, such as `[SEP]`, are ordinary characters.
 *
 * @param options the manifest's; `wordPiece` must be there.
 * @param vocabulary bytes of vocab.txt from position to limit; kept, so they must not change.
 * @param normalizer bytes of normalizer.bin from position to limit.
 * @throws ArtifactException for options that this tokenizer does not know, and for tables that break a rule of the page.
 */
class Tokenizer(private val options: TokenizerOptions, vocabulary: ByteBuffer, normalizer: ByteBuffer) {
    private val wordPiece = known(options)
    private val vocabulary = Vocabulary(vocabulary)
    private val table = CharacterTable(normalizer)
    private val continuation = this.vocabulary.node(wordPiece.prefix)

    init {
        for ((name, id) in listOf("cls_id" to wordPiece.clsId, "sep_id" to wordPiece.sepId, "unk_id" to wordPiece.unkId)) {
            if (id !in 0 until this.vocabulary.size) {
                throw ArtifactException(
                    "manifest.json, tokenizer.wordpiece.$name is $id, and vocab.txt has ${this.vocabulary.size} lines. " +
                        "They do not belong together: export the model again.",
                )
            }
        }
    }

    /**
     * Tokens of a text or a pair, specials included, at most `maxLength`.
     *
     * @throws ArtifactException where [truncation] cannot make it fit.
     */
    fun encode(text: String, pair: String? = null, truncation: Truncation = Truncation.LONGEST_FIRST): Encoding {
        val room = options.maxLength - if (pair == null) 2 else 3
        if (room < 0) {
            throw ArtifactException("this file takes ${options.maxLength} tokens, too few for the special tokens of a pair. Give one text.")
        }
        // a single text keeps its first pieces, so what lies far behind them need not be looked at
        val first = pieces(text, if (pair == null) room else Int.MAX_VALUE)
        val count = first.ids.size
        if (pair == null) {
            if (count > room && truncation == Truncation.ONLY_SECOND) {
                throw ArtifactException(
                    "the text has more than $room pieces, and there is no second one to shorten. Truncate with LONGEST_FIRST.",
                )
            }
            return frame(first, minOf(count, room), null, 0, count > room)
        }
        val second = pieces(pair, Int.MAX_VALUE)
        val other = second.ids.size
        if (count + other <= room) return frame(first, count, second, other, false)
        val kept = truncation.keptOfFirst(count, other, room)
        return frame(first, kept, second, room - kept, true)
    }

    /** The piece of an id, such as `##ing`. Throws [IndexOutOfBoundsException] for an id that vocab.txt has no line for. */
    fun piece(id: Int): String = vocabulary.piece(id)

    private fun pieces(text: String, enough: Int) = WordPieces(table, vocabulary, wordPiece, continuation).also { it.read(text, enough) }

    private fun frame(first: WordPieces, firstCount: Int, second: WordPieces?, secondCount: Int, truncated: Boolean): Encoding {
        val behind = firstCount + 2 // where the second text begins
        val length = if (second == null) behind else behind + secondCount + 1
        val ids = IntArray(length)
        val types = IntArray(length)
        val starts = IntArray(length)
        val ends = IntArray(length)
        ids[0] = wordPiece.clsId
        first.copyInto(ids, starts, ends, 1, firstCount)
        ids[firstCount + 1] = wordPiece.sepId
        if (second != null) {
            second.copyInto(ids, starts, ends, behind, secondCount)
            ids[length - 1] = wordPiece.sepId
            types.fill(1, behind, length)
        }
        return Encoding(ids, types, starts, ends, truncated)
    }

    private fun known(options: TokenizerOptions): WordPieceOptions {
        if (options.kind != "wordpiece") {
            throw ArtifactException("manifest.json, tokenizer.kind is ${quoted(options.kind)}, and this library has WordPiece only.")
        }
        if (options.specialTokensInText) {
            throw ArtifactException(
                "manifest.json, tokenizer.special_tokens_in_text is true: this file wants [SEP] in a text to be a special token, and " +
                    "this library reads it as ordinary characters.",
            )
        }
        return options.wordPiece
            ?: throw ArtifactException(
                "manifest.json has no tokenizer.wordpiece: only Hugging Face's own library gives this tokenizer's ids. " +
                    "Train with a plain BERT tokenizer to use the file here.",
            )
    }
}
