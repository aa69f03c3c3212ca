package dev.pocketbert.app

import android.content.Intent
import android.widget.EditText
import android.widget.ScrollView
import android.widget.Spinner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Both screens after use, as they are drawn: target/screens/ holds the pictures, for people to look at. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w411dp-h891dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ScreenPicturesTest {
    /** The demo's model where the build was given it: tools/screens.py does so for the pictures in docs/images. */
    private fun model(): String = runCatching { Fixtures.file("intents.onnx") }.getOrElse { Fixtures.file("small.onnx") }.name

    private fun main(name: String) {
        val model = model()
        Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val activity = controller.get()
            val list = activity.findViewById<Spinner>(R.id.models)
            activity.waitUntil("the models") { list.count > 0 }
            list.setSelection((0 until list.count).first { list.getItemAtPosition(it) == model })
            activity.findViewById<EditText>(R.id.text).setText("wake me at six")
            activity.waitUntil("the self-check") { activity.findViewById<android.view.View>(R.id.classify).isEnabled && model in texts(list) }
            activity.waitUntil("the self-check") { activity.said(R.id.check).any { it in "。." } }
            activity.tap(R.id.classify)
            activity.waitUntil("the answer") { activity.said(R.id.answer_said).isNotEmpty() }
            activity.currentFocus?.clearFocus()
            assertEquals(activity.resources.displayMetrics.widthPixels, activity.draw("main-$name").width)
        }
    }

    private fun bench(name: String) {
        val intent = Intent(RuntimeEnvironment.getApplication(), BenchActivity::class.java).putExtra("model", model())
        intent.putExtra("runs", 60).putExtra("seconds", 1)
        Robolectric.buildActivity(BenchActivity::class.java, intent).setup().use { controller ->
            val activity = controller.get()
            activity.waitUntil("the record") { activity.said(R.id.headline).isNotEmpty() }
            activity.draw("bench-$name")
            val scroll = activity.findViewById<ScrollView>(R.id.scroll)
            scroll.scrollTo(0, scroll.getChildAt(0).height)
            assertTrue(activity.draw("bench-$name-end").height > 0)
        }
    }

    @Test
    fun light() {
        main("light")
        bench("light")
    }

    @Test
    fun dark() {
        RuntimeEnvironment.setQualifiers("+night")
        main("dark")
        bench("dark")
    }

    @Test
    fun chinese() {
        RuntimeEnvironment.setQualifiers("+zh")
        main("zh")
        bench("zh")
    }

    @Test
    fun `chinese, dark`() {
        RuntimeEnvironment.setQualifiers("+zh-night")
        main("zh-dark")
    }

    @Test
    fun `right to left`() {
        RuntimeEnvironment.setQualifiers("+ar-ldrtl")
        main("rtl")
        bench("rtl")
    }

    @Test
    @Config(qualifiers = "w411dp-h1800dp-xhdpi")
    fun `letters of twice the size are not cut`() {
        RuntimeEnvironment.setFontScale(2f)
        main("large")
        bench("large")
    }

    @Test
    @Config(qualifiers = "w891dp-h411dp-land-xhdpi")
    fun turned() = main("land")
}
