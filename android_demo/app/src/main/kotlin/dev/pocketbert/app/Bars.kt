package dev.pocketbert.app

import android.app.Activity
import android.os.Build
import android.view.View
import android.view.WindowInsets

/**
 * Keeps what scrolls clear of the system's bars, the camera's hole and the keyboard, wherever the window is drawn below them (always,
 * for a target of API 35 or more). Elsewhere the system does so itself, and what arrives here is nothing.
 */
internal fun Activity.keepClearOfBars() {
    val scroll = findViewById<View>(R.id.scroll)
    val left = scroll.paddingLeft
    val top = scroll.paddingTop
    val right = scroll.paddingRight
    val bottom = scroll.paddingBottom
    scroll.setOnApplyWindowInsetsListener { view, insets ->
        if (Build.VERSION.SDK_INT >= 30) {
            val bars = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime())
            view.setPadding(left + bars.left, top + bars.top, right + bars.right, bottom + bars.bottom)
        }
        insets
    }
}
