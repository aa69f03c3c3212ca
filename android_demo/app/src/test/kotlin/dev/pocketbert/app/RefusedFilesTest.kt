package dev.pocketbert.app

import android.view.View
import android.widget.Spinner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Files that are none of ours, or not for this version: what a person reads on the screen. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w412dp-h892dp-hdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class RefusedFilesTest {
    /** What is said of [model], which then makes way for one that works. */
    private fun message(model: String): String {
        Fixtures.file(model)
        return Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val activity = controller.get()
            activity.select(model)
            activity.waitUntil("a refusal of $model") { activity.said(R.id.problem).startsWith(model) }
            assertFalse(activity.findViewById<View>(R.id.classify).isEnabled)
            assertFalse(activity.findViewById<View>(R.id.measure).isEnabled)
            assertEquals("", activity.said(R.id.check))
            activity.draw("refused-${model.substringBefore('.')}")
            val said = activity.said(R.id.problem)
            activity.select("small.onnx")
            activity.waitUntil("the self-check") { "passed" in activity.said(R.id.check) }
            assertEquals("", activity.said(R.id.problem))
            said.removePrefix("$model cannot be used.\n")
        }
    }

    private fun MainActivity.select(model: String) {
        val list = findViewById<Spinner>(R.id.models)
        waitUntil("the models are listed") { list.count > 0 }
        list.setSelection((0 until list.count).first { list.getItemAtPosition(it) == model })
    }

    @Test
    fun `a file of a later format`() = says("future.onnx", "format 2", "1")

    @Test
    fun `a file for another task`() = says("other.onnx", "tagging")

    @Test
    fun `an archive that is no model`() = says("archive.onnx", "seal")

    private fun says(model: String, vararg words: String) {
        val message = message(model)
        for (word in words) assertTrue(message, word in message)
    }
}
