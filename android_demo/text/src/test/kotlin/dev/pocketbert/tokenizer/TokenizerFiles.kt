package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.TokenizerOptions
import dev.pocketbert.artifact.WordPieceOptions
import java.io.File
import java.nio.ByteBuffer

/**
 * The tables of a tokenizer as a folder that Python wrote: vocab.txt, normalizer.bin and options.txt, in which the numbers
 * cls_id, sep_id, unk_id and max_characters stand a line each.
 */
class TokenizerFiles(private val folder: File) {
    private val numbers = File(folder, "options.txt").readLines().map(String::toInt)

    fun open(maxLength: Int): Tokenizer {
        val (cls, sep, unk, maxCharacters) = numbers
        val wordPiece = WordPieceOptions(cls, sep, unk, "##", maxCharacters)
        val options = TokenizerOptions("wordpiece", specialTokensInText = false, maxLength, padId = 0, wordPiece)
        return Tokenizer(options, bytes("vocab.txt"), bytes("normalizer.bin"))
    }

    private fun bytes(name: String): ByteBuffer = ByteBuffer.wrap(File(folder, name).readBytes())
}
