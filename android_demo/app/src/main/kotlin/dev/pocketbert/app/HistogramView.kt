package dev.pocketbert.app

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.util.AttributeSet
import android.util.TypedValue
import android.view.View
import dev.pocketbert.bench.Histogram
import dev.pocketbert.bench.Phase
import dev.pocketbert.bench.histogram

/**
 * How long the runs took: a bar for each part of the time from the fastest run to the 99th percentile, and a line at the median.
 * TalkBack reads the same in words. Time goes to the right in every language, as on other scales.
 */
class HistogramView(context: Context, attributes: AttributeSet) : View(context, attributes) {
    private var bars: Histogram? = null
    private var median = 0.0
    private val fill = Paint().apply { color = context.getColor(R.color.accent) }
    private val axis = Paint().apply { color = context.getColor(R.color.track) }
    private val line = Paint().apply { color = context.getColor(R.color.text) }
    private val words =
        Paint(Paint.ANTI_ALIAS_FLAG).apply {
            color = context.getColor(R.color.text_quiet)
            textSize = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, 13f, resources.displayMetrics)
        }
    private val dp = resources.displayMetrics.density

    /** [phase] is of at least one run. */
    fun show(phase: Phase) {
        val found = histogram(phase.samples, PARTS)
        bars = found
        median = phase.p50
        val most = found.counts.indices.maxBy { found.counts[it] }
        contentDescription =
            context.getString(
                R.string.histogram,
                phase.runs,
                context.ms(found.from),
                context.ms(found.to),
                context.ms(median),
                found.counts[most],
                context.ms(found.edge(most)),
                context.ms(found.edge(most + 1)),
            )
        requestLayout()
        invalidate()
    }

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val wanted = (BARS_DP * dp + 2 * lineHeight() + paddingTop + paddingBottom).toInt()
        setMeasuredDimension(MeasureSpec.getSize(widthMeasureSpec), resolveSize(wanted, heightMeasureSpec))
    }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val shown = bars ?: return
        val left = paddingLeft.toFloat()
        val wide = width - paddingLeft - paddingRight.toFloat()
        val top = paddingTop + lineHeight()
        val bottom = height - paddingBottom - lineHeight()
        val tallest = shown.counts.max()
        val step = wide / shown.counts.size
        for ((i, count) in shown.counts.withIndex()) {
            if (count == 0) continue
            val tall = maxOf((bottom - top) * count / tallest, 2 * dp) // one run of a thousand is still seen
            canvas.drawRect(left + i * step + dp / 2, bottom - tall, left + (i + 1) * step - dp / 2, bottom, fill)
        }
        canvas.drawRect(left, bottom, left + wide, bottom + dp, axis)
        val at = left + wide * ((median - shown.from) / (shown.to - shown.from)).toFloat().coerceIn(0f, 1f)
        canvas.drawRect(at - dp, top, at + dp, bottom, line)
        drawWords(canvas, context.ms(median), at, top - words.descent() - 2 * dp)
        val below = bottom - words.ascent() + 4 * dp
        drawWords(canvas, context.ms(shown.from), left, below)
        drawWords(canvas, context.ms(shown.to), left + wide, below)
    }

    /** Centred at [x] as far as the view's edges let it be. */
    private fun drawWords(canvas: Canvas, said: String, x: Float, baseline: Float) {
        val wide = words.measureText(said)
        val left = (x - wide / 2).coerceIn(paddingLeft.toFloat(), maxOf(paddingLeft.toFloat(), width - paddingRight - wide))
        canvas.drawText(said, left, baseline, words)
    }

    private fun lineHeight() = words.fontSpacing + 4 * dp

    private companion object {
        const val PARTS = 32
        const val BARS_DP = 140
    }
}
