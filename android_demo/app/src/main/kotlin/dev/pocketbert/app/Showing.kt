package dev.pocketbert.app

import android.app.Activity
import android.text.format.Formatter
import android.view.View.GONE
import android.view.View.VISIBLE
import android.view.ViewGroup
import android.widget.Button
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.TextView
import dev.pocketbert.task.Task
import kotlin.math.roundToInt

/** Sets a text, or takes its view away where there is none. A text that stands already is left alone: TalkBack would read it again. */
internal fun Activity.show(id: Int, words: CharSequence?) {
    val view = findViewById<TextView>(id)
    if (words != null && !words.contentEquals(view.text)) view.text = words
    view.visibility = if (words.isNullOrEmpty()) GONE else VISIBLE
}

internal fun Activity.said(facts: Facts): String {
    val size = Formatter.formatShortFileSize(this, facts.bytes)
    return when (val task = facts.task) {
        is Task.Classification -> getString(R.string.facts_classifier, facts.container, facts.quantization, task.labels.size, size)
        is Task.Regression -> getString(R.string.facts_regression, facts.container, facts.quantization, size)
    }
}

internal fun Activity.said(check: Check): String {
    val verdict = check.verdict ?: return getString(R.string.checking, check.done, check.total)
    val off = difference(verdict.largestDifference)
    val allowed = difference(verdict.tolerance)
    if (verdict.ok) return getString(R.string.check_good, verdict.vectors, off, allowed)
    val why = if (verdict.idsEqual) getString(R.string.check_off, off, allowed) else getString(R.string.check_ids_differ)
    return (listOf(getString(R.string.check_bad), why) + verdict.failures).joinToString("\n")
}

/** The card with the answer; gone where there is none. */
internal fun Activity.showAnswer(answer: Answer?, facts: Facts?) {
    val card = findViewById<LinearLayout>(R.id.answer)
    card.visibility = if (answer == null) GONE else VISIBLE
    if (answer == null || card.tag === answer) return
    card.tag = answer
    val task = facts?.task
    show(R.id.answer_said, if (task is Task.Regression) said(answer, task) else said(answer))
    showScores(answer, SCORES_AT_FIRST)
    val count = answer.pieces.size
    show(R.id.times, getString(R.string.took, ms(answer.tokenizeMs), ms(answer.modelMs)))
    val tokens = if (answer.truncated) R.plurals.tokens_cut else R.plurals.tokens
    show(R.id.pieces_label, resources.getQuantityString(tokens, count, count))
    show(R.id.pieces, answer.pieces.joinToString("  "))
}

private fun Activity.said(answer: Answer): String {
    val best = answer.labels.first()
    return getString(R.string.label_score, best.label, percent(best.score))
}

private fun Activity.said(answer: Answer, task: Task.Regression): String {
    val value = number(answer.value?.toDouble() ?: 0.0, 2)
    val said = if (task.unit.isEmpty()) value else getString(R.string.value_unit, value, task.unit)
    val low = task.low ?: return said
    val high = task.high ?: return said
    return said + "\n" + getString(R.string.value_range, number(low, 2), number(high, 2))
}

private fun Activity.showScores(answer: Answer, most: Int) {
    val rows = findViewById<LinearLayout>(R.id.scores)
    rows.removeAllViews()
    // one label less than all would save nothing
    val shown = if (answer.labels.size <= most + 1) answer.labels else answer.labels.take(most)
    for (label in shown) {
        val row = layoutInflater.inflate(R.layout.score, rows, false) as ViewGroup
        row.findViewById<TextView>(R.id.score_label).text = label.label
        row.findViewById<TextView>(R.id.score_value).text = percent(label.score)
        row.findViewById<ProgressBar>(R.id.score_bar).progress = (label.score * 1000).roundToInt()
        row.contentDescription = getString(R.string.label_score, label.label, percent(label.score))
        rows.addView(row)
    }
    val more = findViewById<Button>(R.id.more)
    more.visibility = if (shown.size < answer.labels.size) VISIBLE else GONE
    more.text = getString(R.string.all_labels, answer.labels.size)
    more.setOnClickListener { showScores(answer, answer.labels.size) }
}

private const val SCORES_AT_FIRST = 5
