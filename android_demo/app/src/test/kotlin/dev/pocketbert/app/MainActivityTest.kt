package dev.pocketbert.app

import android.graphics.Insets
import android.os.Looper
import android.view.View
import android.view.WindowInsets
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.Spinner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The screen used as a person does, with small models in ONNX Runtime. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w412dp-h892dp-hdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class MainActivityTest {
    @Before
    fun models() {
        Fixtures.file("small.onnx")
        Fixtures.file("pair.onnx")
    }

    private fun opened(model: String): ActivityController<MainActivity> {
        val controller = Robolectric.buildActivity(MainActivity::class.java).setup()
        controller.get().choose(model)
        return controller
    }

    private fun MainActivity.choose(model: String) {
        val list = findViewById<Spinner>(R.id.models)
        waitUntil("the models are listed") { list.count > 0 }
        list.setSelection((0 until list.count).first { list.getItemAtPosition(it) == model })
        waitUntil("the self-check of $model") { "passed" in said(R.id.check) }
    }

    private fun MainActivity.classify(text: String, pair: String? = null) {
        findViewById<EditText>(R.id.text).setText(text)
        if (pair != null) findViewById<EditText>(R.id.pair).setText(pair)
        tap(R.id.classify)
        waitUntil("the answer") { findViewById<View>(R.id.classify).isEnabled && said(R.id.answer_said).isNotEmpty() }
    }

    @Test
    fun `the verdict of the self-check is read out, its progress is not, and measuring waits for it`() {
        Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val activity = controller.get()
            val check = activity.findViewById<View>(R.id.check)
            assertFalse(activity.findViewById<View>(R.id.measure).isEnabled)
            assertEquals(View.ACCESSIBILITY_LIVE_REGION_NONE, check.accessibilityLiveRegion)
            activity.choose("small.onnx")
            assertTrue(activity.findViewById<View>(R.id.measure).isEnabled)
            assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, check.accessibilityLiveRegion)
        }
    }

    @Test
    fun `what scrolls keeps clear of bars that the window is drawn below`() {
        Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val scroll = controller.get().findViewById<View>(R.id.scroll)
            val before = listOf(scroll.paddingLeft, scroll.paddingTop, scroll.paddingRight, scroll.paddingBottom)
            val bars = WindowInsets.Builder().setInsets(WindowInsets.Type.systemBars(), Insets.of(1, 20, 3, 40)).build()
            scroll.dispatchApplyWindowInsets(bars)
            val after = listOf(scroll.paddingLeft, scroll.paddingTop, scroll.paddingRight, scroll.paddingBottom)
            assertEquals(before.zip(listOf(1, 20, 3, 40)) { own, bar -> own + bar }, after)
        }
    }

    private fun MainActivity.labels() =
        findViewById<LinearLayout>(R.id.scores).let { rows -> List(rows.childCount) { rows.getChildAt(it).contentDescription.toString() } }

    @Test
    fun `a screen that is left before the models are listed does nothing more`() {
        val controller = Robolectric.buildActivity(MainActivity::class.java).create().destroy()
        Thread.sleep(500) // the list was asked for, and may come
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(0, controller.get().findViewById<Spinner>(R.id.models).count)
    }

    @Test
    fun `a text is classified, and all that was found is shown`() {
        opened("small.onnx").use { controller ->
            val activity = controller.get()
            activity.classify("wake me at six")
            assertTrue(activity.said(R.id.answer_said), activity.said(R.id.answer_said).startsWith("alarm, "))
            assertEquals(5, activity.labels().size)
            assertTrue(activity.labels().toString(), activity.labels()[0].matches(Regex("alarm, \\d+\\.\\d%")))
            assertTrue(activity.said(R.id.times).matches(Regex("Tokenizer \\d+\\.\\d+ ms, model \\d+\\.\\d+ ms\\.")))
            assertTrue(activity.said(R.id.pieces).startsWith("[CLS]  wake  me  at  "))
            assertTrue(activity.said(R.id.pieces_label).matches(Regex("\\d tokens")))
            assertTrue(activity.said(R.id.model_facts), activity.said(R.id.model_facts).startsWith("onnx · int8 · labels: 5 · "))
            assertEquals("", activity.said(R.id.problem))
            assertFalse(activity.findViewById<View>(R.id.pair).isShown)
        }
    }

    @Test
    fun `a model with other labels and two texts needs no other app`() {
        opened("pair.onnx").use { controller ->
            val activity = controller.get()
            activity.findViewById<EditText>(R.id.text).setText("play jazz")
            activity.tap(R.id.classify)
            assertEquals("Type what it is compared with", activity.findViewById<EditText>(R.id.pair).error.toString())
            activity.classify("play jazz", "put on jazz")
            assertEquals(setOf("same", "different"), activity.labels().map { it.substringBefore(',') }.toSet())
            assertEquals(2, activity.said(R.id.pieces).split("[SEP]").size - 1)
            activity.choose("small.onnx")
            assertEquals("", activity.said(R.id.answer_said))
            assertFalse(activity.findViewById<View>(R.id.pair).isShown)
            activity.classify("ring my mother")
            assertTrue(activity.labels()[0].startsWith("call, "))
        }
    }

    @Test
    fun `turning the phone keeps text, model and answer, and opens nothing again`() {
        opened("pair.onnx").use { controller ->
            controller.get().classify("play jazz", "listen to jazz")
            val before = listOf(R.id.answer_said, R.id.times, R.id.pieces, R.id.check, R.id.model_facts).map { controller.get().said(it) }
            controller.recreate()
            val after = controller.get()
            assertEquals(before, listOf(R.id.answer_said, R.id.times, R.id.pieces, R.id.check, R.id.model_facts).map { after.said(it) })
            assertEquals("play jazz", after.findViewById<EditText>(R.id.text).text.toString())
            assertEquals("listen to jazz", after.findViewById<EditText>(R.id.pair).text.toString())
            assertEquals("pair.onnx", after.findViewById<Spinner>(R.id.models).selectedItem)
            after.waitUntil("what was posted") { true }
            assertTrue(after.said(R.id.check).contains("passed"))
            after.classify("play jazz", "dim the lamp")
        }
    }

    @Test
    fun `a text that is missing is asked for`() {
        opened("small.onnx").use { controller ->
            controller.get().tap(R.id.classify)
            assertEquals("Type a sentence", controller.get().findViewById<EditText>(R.id.text).error.toString())
            assertEquals("", controller.get().said(R.id.answer_said))
        }
    }

    @Test
    fun `a text longer than the model reads is said to be cut`() {
        opened("small.onnx").use { controller ->
            controller.get().classify("wake me at six ".repeat(40))
            assertEquals("48 tokens; the text is longer than the model reads", controller.get().said(R.id.pieces_label))
        }
    }
}
