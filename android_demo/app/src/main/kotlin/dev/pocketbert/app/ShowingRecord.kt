package dev.pocketbert.app

import android.app.Activity
import android.text.format.Formatter
import android.view.View
import android.view.View.GONE
import android.view.View.VISIBLE
import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.TextView
import dev.pocketbert.bench.BenchRecord

/** The cards with a record's figures; gone where there is none. */
internal fun Activity.showRecord(record: BenchRecord?) {
    val part = findViewById<View>(R.id.record)
    part.visibility = if (record == null) GONE else VISIBLE
    if (record == null || part.tag === record) return
    part.tag = record
    val forward = record.times.getValue("forward")
    show(R.id.headline, getString(R.string.headline, ms(forward.p50)))
    show(R.id.headline_rest, getString(R.string.headline_rest, forward.runs, ms(forward.p90), ms(forward.p99)))
    findViewById<HistogramView>(R.id.histogram).show(forward)
    showVerdict(record)
    val phases = findViewById<LinearLayout>(R.id.phases)
    phases.removeAllViews()
    for ((name, words) in PHASES) {
        val phase = record.times[name] ?: continue
        val more = getString(R.string.phase_more, ms(phase.p90), ms(phase.p99), phase.runs).takeIf { name in WITH_PERCENTILES }
        phases.addView(figure(phases, getString(words), ms(phase.p50), more))
    }
    val lengths = findViewById<LinearLayout>(R.id.lengths)
    lengths.removeAllViews()
    for (row in record.byLength) {
        val tokens = resources.getQuantityString(R.plurals.tokens, row.length, row.length)
        lengths.addView(figure(lengths, tokens, ms(row.p50), null))
    }
    findViewById<View>(R.id.lengths_label).visibility = if (record.byLength.isEmpty()) GONE else VISIBLE
    show(R.id.memory, memory(record))
}

private fun Activity.showVerdict(record: BenchRecord) {
    val (words, colour) = when (record.validity.verdict) {
        "valid" -> R.string.verdict_valid to R.color.good
        "warn" -> R.string.verdict_warn to R.color.doubt
        else -> R.string.verdict_invalid to R.color.bad
    }
    show(R.id.verdict, getString(words))
    findViewById<TextView>(R.id.verdict).setTextColor(getColor(colour))
    val reasons = record.validity.reasons.joinToString("\n") { getString(R.string.reason, it) }
    show(R.id.reasons, if (reasons.isEmpty()) null else getString(R.string.reasons, reasons))
}

/** [more] is in small below. */
private fun Activity.figure(parent: ViewGroup, name: String, value: String, more: String?): View {
    val row = layoutInflater.inflate(R.layout.figure_row, parent, false)
    row.findViewById<TextView>(R.id.figure_name).text = name
    row.findViewById<TextView>(R.id.figure_value).text = value
    val below = row.findViewById<TextView>(R.id.figure_more)
    below.text = more
    below.visibility = if (more == null) GONE else VISIBLE
    return row
}

private fun Activity.memory(record: BenchRecord): String? {
    val base = record.memory.base ?: return null
    val steady = record.memory.steady ?: return null
    val peak = record.memory.peak ?: return null
    val over = Formatter.formatShortFileSize(this, (steady - base).coerceAtLeast(0))
    return getString(R.string.memory_taken, over, Formatter.formatShortFileSize(this, peak))
}

private val PHASES =
    listOf(
        "forward" to R.string.phase_forward,
        "tokenize" to R.string.phase_tokenize,
        "end_to_end" to R.string.phase_end_to_end,
        "open" to R.string.phase_open,
        "load" to R.string.phase_load,
        "first" to R.string.phase_first,
    )
private val WITH_PERCENTILES = setOf("forward", "tokenize", "end_to_end") // the others are measured a few times only
