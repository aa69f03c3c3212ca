package dev.pocketbert.app

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.robolectric.Shadows.shadowOf
import java.io.File
import java.util.concurrent.TimeUnit

/** The models that the build puts into the tests' app; a test that needs one is skipped where it was made without. */
internal object Fixtures {
    private val folder = System.getProperty("pocketbert.fixtures").orEmpty()

    fun file(name: String): File {
        assumeTrue("no $name; -Dpocketbert.fixtures names a folder with it", folder.isNotEmpty())
        val file = File(folder, name)
        assertTrue("no $name in $folder", file.exists())
        return file
    }

    fun has(name: String): Boolean = File(folder, name).exists()
}

/** So long only a test waits that has failed: a busy machine may need many times what it takes alone. */
private const val MINUTES = 5L

/** Runs what is posted to the main thread until [condition] holds; the app's own threads work meanwhile. */
internal fun Activity.waitUntil(what: String, condition: () -> Boolean) {
    val end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES)
    while (true) {
        shadowOf(Looper.getMainLooper()).idle()
        if (condition()) return
        assertTrue("waited $MINUTES minutes for: $what; there is: ${texts(window.decorView)}", System.nanoTime() < end)
        Thread.sleep(5)
    }
}

/** All words on the screen. */
internal fun texts(view: View): List<String> =
    when {
        !view.isShown -> emptyList()
        view is TextView -> listOf(view.text.toString())
        view is ViewGroup -> (0 until view.childCount).flatMap { texts(view.getChildAt(it)) }
        else -> emptyList()
    }

/** Words that do not fit into their place: cut at the end, or higher or wider than the view that shows them. */
internal fun cutTexts(view: View): List<String> =
    when {
        !view.isShown -> emptyList()
        view is TextView -> {
            val room = view.height - view.compoundPaddingTop - view.compoundPaddingBottom
            val layout = view.layout
            val cut = (0 until layout.lineCount).any { layout.getEllipsisCount(it) > 0 || layout.getLineMax(it) > layout.width + 1 }
            if (cut || layout.height > room + 1) listOf(view.text.toString()) else emptyList()
        }
        view is ViewGroup -> (0 until view.childCount).flatMap { cutTexts(view.getChildAt(it)) }
        else -> emptyList()
    }

internal fun Activity.said(id: Int): String = findViewById<TextView>(id).let { if (it.isShown) it.text.toString() else "" }

internal fun Activity.tap(id: Int) {
    val view = findViewById<View>(id)
    assertTrue("it can be seen and tapped", view.isShown && view.isEnabled)
    view.performClick()
}

/** The screen as it is drawn, to target/screens/[name].png. */
internal fun Activity.draw(name: String): Bitmap {
    shadowOf(Looper.getMainLooper()).idle()
    val view = window.decorView
    val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
    view.draw(Canvas(bitmap))
    val folder = File("target/screens").apply { mkdirs() }
    File(folder, "$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    return bitmap
}
