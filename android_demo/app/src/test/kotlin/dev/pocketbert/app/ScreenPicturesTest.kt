package dev.pocketbert.app

import android.app.Activity
import android.content.Intent
import android.content.res.Configuration.UI_MODE_NIGHT_MASK
import android.content.res.Configuration.UI_MODE_NIGHT_YES
import android.graphics.Color
import android.view.View
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
@Config(sdk = [34], qualifiers = "w412dp-h892dp-hdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ScreenPicturesTest {
    /** The demo's model where the build was given it: tools/android/screens.py does so for the pictures in docs/images. */
    private fun model(): String = Fixtures.file(if (Fixtures.has("intents.onnx")) "intents.onnx" else "small.onnx").name

    private fun main(name: String) {
        val model = model()
        Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val activity = controller.get()
            val list = activity.findViewById<Spinner>(R.id.models)
            activity.waitUntil("the models") { list.count > 0 }
            list.setSelection((0 until list.count).first { list.getItemAtPosition(it) == model })
            activity.findViewById<EditText>(R.id.text).setText("wake me at six")
            activity.waitUntil("the self-check") { activity.said(R.id.check).any { it in "。." } } // a sentence: it has ended
            activity.tap(R.id.classify)
            activity.waitUntil("the answer") { activity.said(R.id.answer_said).isNotEmpty() }
            activity.currentFocus?.clearFocus()
            look(activity, "main-$name")
            assertEquals(name == "rtl", isMirrored(activity, R.id.open_file, R.id.measure))
            if (name == "rtl") assertTrue(activity.said(R.id.times), activity.said(R.id.times).matches(Regex("[ -~]+"))) // no Arabic digit
        }
    }

    private fun bench(name: String) {
        val intent = Intent(RuntimeEnvironment.getApplication(), BenchActivity::class.java).putExtra("model", model())
        untouched.set(true) // as in a new process, which tells memory
        intent.putExtra("runs", 60).putExtra("seconds", 1)
        Robolectric.buildActivity(BenchActivity::class.java, intent).setup().use { controller ->
            val activity = controller.get()
            activity.waitUntil("the record") { activity.said(R.id.headline).isNotEmpty() }
            look(activity, "bench-$name")
            assertEquals(name == "rtl", isMirrored(activity, R.id.share, R.id.save))
            val scroll = activity.findViewById<ScrollView>(R.id.scroll)
            scroll.scrollTo(0, scroll.getChildAt(0).height)
            activity.draw("bench-$name-end")
        }
    }

    /** Draws it; no word is cut, and the ground is as dark as the phone's other screens. */
    private fun look(activity: Activity, name: String) {
        val picture = activity.draw(name)
        assertEquals(emptyList<String>(), cutTexts(activity.findViewById(R.id.scroll)))
        val night = activity.resources.configuration.uiMode and UI_MODE_NIGHT_MASK == UI_MODE_NIGHT_YES
        val ground = Color.luminance(picture.getPixel(2, picture.height - 2))
        assertTrue("luminance $ground", if (night) ground < 0.1f else ground > 0.8f)
    }

    /** Two buttons beside each other: the first is where the language begins. */
    private fun isMirrored(activity: Activity, first: Int, second: Int) =
        activity.findViewById<View>(first).left > activity.findViewById<View>(second).left

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
        RuntimeEnvironment.setQualifiers("+ar-rEG-ldrtl")
        main("rtl")
        bench("rtl")
    }

    @Test
    @Config(qualifiers = "w412dp-h1800dp-hdpi")
    fun `letters of twice the size are not cut`() {
        RuntimeEnvironment.setFontScale(2f)
        main("large")
        bench("large")
    }

    @Test
    @Config(qualifiers = "w892dp-h412dp-land-hdpi")
    fun turned() = main("land")
}
