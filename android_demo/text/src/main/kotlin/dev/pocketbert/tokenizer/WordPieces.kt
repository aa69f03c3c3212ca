package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.WordPieceOptions

/**
 * One text's pieces with their places in it: normalized, split into words and cut in a single pass over its UTF-16 units
 * (docs/artifact.md section 4, rules 1 to 3). An object serves one text.
 */
internal class WordPieces(
    private val table: CharacterTable,
    private val vocabulary: Vocabulary,
    private val options: WordPieceOptions,
    private val continuation: Int,
) {
    val ids = IntList()
    private val starts = IntList()
    private val ends = IntList()

    // the word so far: its characters, and from where to where in the text each one came
    private var codes = IntArray(32)
    private var froms = IntArray(32)
    private var tos = IntArray(32)
    private var length = 0 // characters; more than were stored when the word is too long to be cut
    private var wordStart = 0
    private var wordEnd = 0

    /** Reads [text] up to the end of the word with which there are more than [enough] pieces. */
    fun read(text: String, enough: Int) {
        val size = text.length
        var at = 0
        while (at < size && ids.size <= enough) {
            val from = at
            val unit = text[at++]
            var code = unit.code
            if (unit.isSurrogate()) {
                if (!unit.isHighSurrogate() || at == size || !text[at].isLowSurrogate()) continue // half a pair is no character
                code = Character.toCodePoint(unit, text[at++])
            }
            val cell = table.cell(code)
            if (cell <= CharacterTable.PUNCTUATION) {
                take(code, cell, from, at)
            } else {
                replace(code, cell, from, at)
            }
        }
        endWord()
    }

    /** Copies the first [count] pieces from index [at] on. */
    fun copyInto(ids: IntArray, starts: IntArray, ends: IntArray, at: Int, count: Int) {
        this.ids.copyInto(ids, at, count)
        this.starts.copyInto(starts, at, count)
        this.ends.copyInto(ends, at, count)
    }

    private fun replace(code: Int, cell: Int, from: Int, to: Int) {
        val padded = cell and CharacterTable.PADDED != 0
        if (padded) takePooled(table.blank, from, to)
        if (cell and CharacterTable.MAPPED == 0) {
            take(code, cell and (CharacterTable.SPACE or CharacterTable.PUNCTUATION), from, to)
        } else {
            val place = cell ushr CharacterTable.PLACE
            for (i in place + 1..place + table.pool[place]) takePooled(table.pool[i], from, to)
        }
        if (padded) takePooled(table.blank, from, to)
    }

    private fun takePooled(item: Int, from: Int, to: Int) =
        take(item and CharacterTable.CHARACTER, item ushr CharacterTable.SPLIT, from, to)

    private fun take(code: Int, split: Int, from: Int, to: Int) {
        if (split != 0) {
            endWord()
            if (split == CharacterTable.SPACE) return
        }
        if (length == 0) wordStart = from
        wordEnd = to
        if (length < options.maxCharacters) {
            if (length == codes.size) grow()
            codes[length] = code
            froms[length] = from
            tos[length] = to
        }
        length++
        if (split != 0) endWord()
    }

    private fun grow() {
        codes = codes.copyOf(length * 2)
        froms = froms.copyOf(length * 2)
        tos = tos.copyOf(length * 2)
    }

    private fun endWord() {
        if (length == 0) return
        val mark = ids.size
        if (length > options.maxCharacters || !cut()) {
            ids.cut(mark)
            starts.cut(mark)
            ends.cut(mark)
            add(options.unkId, wordStart, wordEnd)
        }
        length = 0
    }

    /** Adds the word's pieces, each the longest that fits; false where at some point none does. */
    private fun cut(): Boolean {
        var begin = 0
        while (begin < length) {
            var node = if (begin == 0) Vocabulary.ROOT else continuation
            var id = -1
            var end = begin
            var i = begin
            while (node >= 0 && i < length) {
                node = vocabulary.child(node, codes[i++])
                if (node >= 0 && vocabulary.id(node) >= 0) {
                    id = vocabulary.id(node)
                    end = i
                }
            }
            if (id < 0) return false
            add(id, froms[begin], tos[end - 1])
            begin = end
        }
        return true
    }

    private fun add(id: Int, start: Int, end: Int) {
        ids.add(id)
        starts.add(start)
        ends.add(end)
    }
}
