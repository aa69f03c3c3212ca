package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction

/**
 * vocab.txt as a trie over characters: the longest piece that a word goes on with is found in one walk, without substrings.
 *
 * A node is a number, [ROOT] is 0. All edges are in one open-addressing hash table of longs: 21 bits node, 21 bits character
 * and 22 bits the node that it leads to, which is never the root, so 0 is an empty slot.
 *
 * @param bytes of vocab.txt, from position to limit; kept, since [piece] reads them.
 */
internal class Vocabulary(bytes: ByteBuffer) {
    private val source = bytes.slice().asReadOnlyBuffer()
    private val lineEnds = IntList(1 shl 15) // byte offset of each line's \n
    private var edges = LongArray(1 shl 17)
    private val ids = IntList(1 shl 17) // node -> id, or -1

    /** How many pieces there are. */
    val size: Int get() = lineEnds.size

    init {
        val all = ByteArray(source.limit()).also { source.duplicate().get(it) } // an array is read faster, byte by byte
        for (at in all.indices) if (all[at] == LINE_END) lineEnds.add(at)
        val text = decoded(all)
        if (text.isEmpty()) throw damaged("is empty")
        if (text[text.length - 1] != '\n') throw damaged("does not end with a line break")
        ids.add(-1)
        var node = ROOT
        var line = 0
        var at = 0
        while (at < text.length) {
            val code = Character.codePointAt(text, at)
            at += Character.charCount(code)
            if (code == '\n'.code) {
                if (ids[node] >= 0) throw damaged("has the same piece in lines ${ids[node] + 1} and ${line + 1}")
                ids[node] = line++
                node = ROOT
            } else {
                node = childOrNew(node, code)
            }
        }
    }

    /** The node that [code] leads to from [node], or -1. */
    fun child(node: Int, code: Int): Int {
        val key = key(node, code)
        var slot = slot(key)
        while (true) {
            val edge = edges[slot]
            if (edge == 0L) return -1
            if (edge ushr CHILD_BITS == key) return (edge and CHILD_MASK).toInt()
            slot = slot + 1 and edges.size - 1
        }
    }

    /** The id of the piece that ends at [node], or -1. */
    fun id(node: Int): Int = ids[node]

    /** The node behind [text], or -1 where no piece begins with it. */
    fun node(text: String): Int {
        var node = ROOT
        var at = 0
        while (at < text.length && node >= 0) {
            val code = text.codePointAt(at)
            at += Character.charCount(code)
            node = child(node, code)
        }
        return node
    }

    /** The piece in line [id], from 0. */
    fun piece(id: Int): String {
        if (id !in 0 until size) throw IndexOutOfBoundsException("there is no piece $id: vocab.txt has $size lines")
        val begin = if (id == 0) 0 else lineEnds[id - 1] + 1
        val line = ByteArray(lineEnds[id] - begin) { source.get(begin + it) }
        return String(line, Charsets.UTF_8)
    }

    private fun decoded(all: ByteArray): CharBuffer {
        val strict =
            Charsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
        try {
            return strict.decode(ByteBuffer.wrap(all))
        } catch (error: CharacterCodingException) {
            throw damaged("is not UTF-8", error)
        }
    }

    private fun childOrNew(node: Int, code: Int): Int {
        val found = child(node, code)
        if (found >= 0) return found
        val made = ids.size
        if (made > MAX_NODES) throw damaged("has pieces with over $MAX_NODES different beginnings, more than a BERT vocabulary can have")
        if (made * 4L > edges.size * 3L) grow()
        ids.add(-1)
        insert((key(node, code) shl CHILD_BITS) or made.toLong())
        return made
    }

    private fun grow() {
        val old = edges
        edges = LongArray(old.size * 2)
        for (edge in old) if (edge != 0L) insert(edge)
    }

    private fun insert(edge: Long) {
        var slot = slot(edge ushr CHILD_BITS)
        while (edges[slot] != 0L) slot = slot + 1 and edges.size - 1
        edges[slot] = edge
    }

    private fun key(node: Int, code: Int): Long = (node.toLong() shl CODE_BITS) or code.toLong()

    // the upper bits of a product depend on all bits of the key; the factor is 2^64 divided by the golden ratio
    private fun slot(key: Long): Int = (key * -0x61c8864680b583ebL ushr 32).toInt() and edges.size - 1

    private fun damaged(what: String, cause: Exception? = null) =
        ArtifactException("vocab.txt $what. The file is damaged: copy it anew, or export the model again.", cause)

    companion object {
        const val ROOT = 0
        private const val CODE_BITS = 21
        private const val CHILD_BITS = 22
        private const val CHILD_MASK = (1L shl CHILD_BITS) - 1
        private const val MAX_NODES = 2_000_000 // besides the root: docs/artifact.md section 4, and below 2^21
        private const val LINE_END = '\n'.code.toByte()
    }
}
