package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.TokenizerOptions
import java.nio.ByteBuffer

/**
 * Hugging Face's BERT tokenizer, from the artifact's own tables (docs/artifact.md sections 4 and 5). Safe to share between threads.
 *
 * @param options the manifest's; `wordPiece` must be there.
 * @param vocabulary bytes of vocab.txt.
 * @param normalizer bytes of normalizer.bin.
 */
class Tokenizer(options: TokenizerOptions, vocabulary: ByteBuffer, normalizer: ByteBuffer) {
    init { TODO("$options $vocabulary $normalizer") }

    /** Tokens of a text or a pair, truncated to `maxLength`. */
    fun encode(text: String, pair: String? = null): Encoding = TODO(text + pair)

    /** The piece of an id, such as `##ing`. */
    fun piece(id: Int): String = TODO("$id")
}
