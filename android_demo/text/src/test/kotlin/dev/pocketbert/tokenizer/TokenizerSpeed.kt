package dev.pocketbert.tokenizer

import java.io.File

private const val PASS_NANOSECONDS = 500_000_000L

/**
 * How many tokens a second one thread makes: `TokenizerSpeedKt FOLDER TEXTS WARM_UP PASSES LENGTH`, a folder as
 * [TokenizerFiles] reads it and a file with a text a line. A pass goes over all texts, again and again, for half a second;
 * the first WARM_UP passes are not told. Prints the milliseconds that opening took, the tokens of all texts (special ones
 * not counted), and a line a pass with its tokens a second.
 */
fun main(arguments: Array<String>) {
    val (folder, file) = arguments
    val (warmUp, passes, length) = arguments.drop(2).map(String::toInt)
    val texts = File(file).readText().split('\n').dropLast(1)
    val begin = System.nanoTime()
    val tokenizer = TokenizerFiles(File(folder)).open(length)
    println((System.nanoTime() - begin) / 1e6)
    println(texts.sumOf { tokenizer.encode(it).ids.size - 2 })
    repeat(warmUp) { pass(tokenizer, texts) }
    repeat(passes) { println(pass(tokenizer, texts)) }
}

private fun pass(tokenizer: Tokenizer, texts: List<String>): Double {
    val begin = System.nanoTime()
    var tokens = 0L
    while (System.nanoTime() - begin < PASS_NANOSECONDS) {
        for (text in texts) tokens += tokenizer.encode(text).ids.size - 2
    }
    return tokens * 1e9 / (System.nanoTime() - begin)
}
