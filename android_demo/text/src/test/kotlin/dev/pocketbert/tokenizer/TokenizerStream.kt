package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.File
import java.nio.ByteBuffer

/**
 * Tokenizes batches from stdin to stdout, so that Python can compare millions of texts with its reference:
 * `TokenizerStreamKt FOLDER`, a folder as [TokenizerFiles] reads it. All numbers are big-endian int32.
 *
 * In: how many inputs (0 ends the program), 1 for single texts or 2 for pairs, the longest length, the truncation's ordinal,
 * the UTF-8 length of every text, the texts. Out: the tokens of every input (-1 where it was refused), 1 for every input that
 * was truncated and 0 otherwise, then of all tokens their ids, types, and starts and ends in code points.
 */
fun main(arguments: Array<String>) {
    val files = TokenizerFiles(File(arguments[0]))
    val opened = HashMap<Int, Tokenizer>()
    val source = DataInputStream(System.`in`.buffered(1 shl 20))
    val sink = DataOutputStream(System.out.buffered(1 shl 20))
    while (true) {
        val count = source.readInt()
        if (count == 0) break
        val width = source.readInt()
        val longest = source.readInt()
        val tokenizer = opened.getOrPut(longest) { files.open(longest) }
        val truncation = Truncation.entries[source.readInt()]
        val lengths = IntArray(count * width) { source.readInt() }
        val texts = lengths.map { size -> String(ByteArray(size).also { source.readFully(it) }, Charsets.UTF_8) }.chunked(width)
        answer(texts.map { encodeOrNull(tokenizer, it, truncation) }, sink)
    }
}

private fun encodeOrNull(tokenizer: Tokenizer, texts: List<String>, truncation: Truncation): Encoding? =
    try {
        tokenizer.encode(texts[0], texts.getOrNull(1), truncation).inCodePoints(texts[0], texts.getOrNull(1))
    } catch (refused: ArtifactException) {
        null
    }

private fun answer(found: List<Encoding?>, sink: DataOutputStream) {
    val given = found.filterNotNull()
    val answer = ByteBuffer.allocate(4 * (found.size * 2 + 4 * given.sumOf { it.ids.size }))
    for (each in found) answer.putInt(each?.ids?.size ?: -1)
    for (each in found) answer.putInt(if (each != null && each.truncated) 1 else 0)
    for (column in listOf(Encoding::ids, Encoding::types, Encoding::starts, Encoding::ends)) {
        for (each in given) column(each).forEach(answer::putInt)
    }
    sink.write(answer.array())
    sink.flush()
}
