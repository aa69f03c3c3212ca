package dev.pocketbert.app

import android.content.Context
import dev.pocketbert.artifact.ArtifactException

/** What went wrong, kept as words that are looked up when they are shown: the language may change in between. */
internal class Problem(private val words: Int, private vararg val with: String) {
    fun said(context: Context): String = context.getString(words, *with)
}

/** Why [name] cannot be used. The library's own words come through: they name the part of the file and what to do. */
internal fun problemOf(name: String, error: Throwable): Problem {
    // PocketBert puts the file's name before the cause's words; here it stands in the first line already
    val plain = (error.cause as? ArtifactException) ?: error
    return Problem(R.string.cannot_use, name, plain.message ?: plain.javaClass.simpleName)
}
