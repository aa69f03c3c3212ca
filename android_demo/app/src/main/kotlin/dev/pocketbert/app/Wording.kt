package dev.pocketbert.app

import android.content.Context
import java.text.NumberFormat

/** Numbers in the language of the screen. */
internal fun Context.ms(value: Double): String {
    val decimals = when {
        value < 0.1 -> 3
        value < 10 -> 2
        else -> 1
    }
    return getString(R.string.milliseconds, number(value, decimals))
}

internal fun Context.percent(share: Float): String {
    val format = NumberFormat.getPercentInstance(resources.configuration.locales[0])
    format.minimumFractionDigits = 1
    format.maximumFractionDigits = 1
    return format.format(share.toDouble())
}

internal fun Context.number(value: Double, decimals: Int): String {
    val format = NumberFormat.getNumberInstance(resources.configuration.locales[0])
    format.minimumFractionDigits = decimals
    format.maximumFractionDigits = decimals
    return format.format(value)
}

/** Small differences with two digits that say something. */
internal fun Context.difference(value: Double): String {
    val format = NumberFormat.getNumberInstance(resources.configuration.locales[0])
    format.maximumFractionDigits = when {
        !value.isFinite() || value >= 1 -> 2
        value >= 0.01 -> 3
        else -> 6
    }
    return format.format(value)
}
