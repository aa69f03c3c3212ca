package dev.pocketbert.artifact

/** What the graph reads: three arrays of the same length n, each one row of shape `[1, n]`. */
class Inputs(val ids: IntArray, val mask: IntArray, val types: IntArray) {
    val length: Int get() = ids.size
}
