package dev.pocketbert.task

import dev.pocketbert.artifact.OutputKind

/** Reads a line of columns a row, and prints the row's labels, named by their column, with their scores, best first. */
fun main() {
    for (line in generateSequence(::readLine)) {
        val columns = line.split(' ').map { it.toFloat() }.toFloatArray()
        val task = Task.Classification(columns.indices.map { it.toString() }, pair = false)
        println(task.decode(columns, OutputKind.LOGITS).joinToString(" ") { "${it.label}:${it.score}" })
    }
}
