package dev.pocketbert.artifact

import dev.pocketbert.task.Task

// Named one by one in docs/artifact.md section 3, since platforms disagree on what a space or a line break is.
private val LINE_BREAKS = "\n\u000B\u000C\r\u001C\u001D\u001E\u0085\u2028\u2029".toSet()
private val SPACES = LINE_BREAKS + "\t\u001F \u00A0\u1680\u202F\u205F\u3000".toSet() + ('\u2000'..'\u200A')

/** `task` of the manifest. */
internal fun readTask(fields: Fields): Task = when (val kind = fields.text("kind")) {
    "classification" -> Task.Classification(labels(fields), fields.flag("pair"))
    "regression" -> regression(fields)
    else -> fields.refuse("kind", "is ${quoted(kind)}, an unknown task kind: a newer version of this app may know it")
}

private fun labels(fields: Fields): List<String> {
    val labels = fields.texts("labels")
    if (labels.size < 2) fields.refuse("labels", "must be at least two")
    val seen = HashSet<String>()
    for (label in labels) {
        if (!seen.add(label)) fields.refuse("labels", "name ${quoted(label)} twice")
        if (label.isEmpty() || label.first() in SPACES || label.last() in SPACES || label.any { it in LINE_BREAKS }) {
            fields.refuse("labels", "must be non-empty, without line breaks or outer spaces, and one is ${quoted(label)}")
        }
    }
    return labels
}

private fun regression(fields: Fields): Task {
    if (fields.has("low") != fields.has("high")) fields.refuse("low", "and high must both be there or neither")
    val low = if (fields.has("low")) fields.number("low") else null
    val high = if (fields.has("high")) fields.number("high") else null
    if (low != null && high != null && low >= high) fields.refuse("low", "must be below high")
    return Task.Regression(fields.text("unit"), low, high, fields.flag("pair"))
}
