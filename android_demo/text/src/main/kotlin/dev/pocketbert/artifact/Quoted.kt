package dev.pocketbert.artifact

private const val MOST = 70 // characters

/** Text of a file as a message may show it: a file can hold a name of a million characters, and a screen cannot. */
internal fun shortened(text: String, most: Int = MOST): String = if (text.length <= most) text else text.take(most) + "…"

/** The same in quotes. */
internal fun quoted(text: String): String = "\"" + shortened(text) + "\""
