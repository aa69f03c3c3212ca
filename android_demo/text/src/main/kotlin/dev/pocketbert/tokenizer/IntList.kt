package dev.pocketbert.tokenizer

/** A growing list of ints without boxes. */
internal class IntList(capacity: Int = 64) {
    private var values = IntArray(capacity)

    var size = 0
        private set

    operator fun get(index: Int): Int = values[index]

    operator fun set(index: Int, value: Int) {
        values[index] = value
    }

    fun add(value: Int) {
        if (size == values.size) values = values.copyOf(size * 2)
        values[size++] = value
    }

    /** Drops all from [length] on. */
    fun cut(length: Int) {
        size = length
    }

    /** Copies the first [count] into [target] from [at] on. */
    fun copyInto(target: IntArray, at: Int, count: Int) {
        values.copyInto(target, at, 0, count)
    }

    fun toArray(): IntArray = values.copyOf(size)
}
