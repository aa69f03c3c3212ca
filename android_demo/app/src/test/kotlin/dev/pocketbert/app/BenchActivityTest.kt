package dev.pocketbert.app

import android.content.ComponentName
import android.content.Intent
import android.view.View
import android.widget.LinearLayout
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowLog
import java.io.File

/** What `adb shell am start` does, with a small model in ONNX Runtime. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w412dp-h892dp-hdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class BenchActivityTest {
    private val context = RuntimeEnvironment.getApplication()

    private fun asked(model: String) = Intent(context, BenchActivity::class.java).putExtra("model", model)

    private fun lines() = ShadowLog.getLogsForTag("pocketbert").map { it.msg }

    /** The only line of a run that was refused, and what the screen says. */
    private fun refused(intent: Intent): String =
        Robolectric.buildActivity(BenchActivity::class.java, intent).setup().use { controller ->
            val activity = controller.get()
            activity.waitUntil("a refusal") { activity.said(R.id.problem).isNotEmpty() }
            val message = lines().single().removePrefix("bench failed: ")
            assertTrue(activity.said(R.id.problem), message in activity.said(R.id.problem))
            assertNull(records(context).list())
            ShadowLog.clear()
            message
        }

    @Test
    fun `it measures, writes the record to both folders and one line to the log`() {
        Fixtures.file("small.onnx")
        untouched.set(true) // as in a new process
        val intent = asked("small.onnx").putExtra("accelerator", "cpu").putExtra("runs", 60).putExtra("seconds", 1)
        Robolectric.buildActivity(BenchActivity::class.java, intent).setup().use { controller ->
            controller.recreate() // turned in the middle of it, or at its end where the machine is busy
            activity(controller.get())
        }
        val line = lines().single()
        val times = "p50 [\\d.]+ ms p90 [\\d.]+ ms"
        val files = "record files/bench/small\\.onnx\\.json shared /.+/small\\.onnx\\.json"
        val form = Regex("bench ok small\\.onnx $times verdict (valid|warn) $files")
        assertTrue(line, line.matches(form))
        val record = File(records(context), "small.onnx.json")
        assertEquals(record.readText(), File(sharedRecords(context), "small.onnx.json").readText())
        // tests/android_demo/test_bench_record.py has Python read it
        record.copyTo(File("target/bench-record.json"), overwrite = true)
    }

    private fun activity(activity: BenchActivity) {
        activity.waitUntil("the record") { activity.said(R.id.headline).isNotEmpty() }
        assertTrue(activity.said(R.id.headline).matches(Regex("\\d+\\.\\d+ ms a text")))
        assertEquals(6, activity.findViewById<LinearLayout>(R.id.phases).childCount)
        assertEquals(4, activity.findViewById<LinearLayout>(R.id.lengths).childCount) // 8, 16, 32 and its longest, 48
        val histogram = activity.findViewById<View>(R.id.histogram)
        assertTrue(histogram.contentDescription.startsWith("Histogram of "))
        assertFalse("the screen may go off", activity.window.attributes.flags and KEEP_SCREEN_ON != 0)
    }

    @Test
    fun `it keeps the screen on though it is turned, can be cancelled, and leaves no record`() {
        Fixtures.file("small.onnx")
        val intent = asked("small.onnx").putExtra("runs", 100_000).putExtra("seconds", 3_000)
        Robolectric.buildActivity(BenchActivity::class.java, intent).setup().use { controller ->
            assertTrue("the screen stays on", controller.get().window.attributes.flags and KEEP_SCREEN_ON != 0)
            controller.recreate()
            val activity = controller.get()
            assertTrue("the screen still stays on", activity.window.attributes.flags and KEEP_SCREEN_ON != 0)
            activity.tap(R.id.bench_go)
            activity.waitUntil("the end") { activity.said(R.id.bench_state).startsWith("Cancelled") }
            assertFalse("the screen may go off", activity.window.attributes.flags and KEEP_SCREEN_ON != 0)
        }
        assertEquals(listOf("bench failed: cancelled"), lines())
        assertNull(records(context).list())
    }

    @Test
    fun `a second start while one runs is refused`() {
        Fixtures.file("small.onnx")
        val intent = asked("small.onnx").putExtra("runs", 100_000).putExtra("seconds", 3_000)
        Robolectric.buildActivity(BenchActivity::class.java, intent).setup().use { controller ->
            controller.newIntent(asked("small.onnx"))
            assertEquals(listOf("bench failed: a measurement is running already"), lines())
        }
    }

    @Test
    fun `what it cannot do is said`() {
        for (accelerator in listOf("gpu", "npu")) {
            val message = refused(asked("small.onnx").putExtra("accelerator", accelerator))
            assertEquals("accelerator $accelerator: this version runs on the CPU only; use --es accelerator cpu", message)
        }
        assertTrue("\"tpu\" is unknown" in refused(asked("small.onnx").putExtra("accelerator", "tpu")))
        assertEquals("name the model: --es model intents.pte", refused(Intent(context, BenchActivity::class.java)))
        for ((name, value) in listOf("runs" to 0, "runs" to 100_001, "seconds" to -1, "threads" to 65)) {
            assertTrue(refused(asked("small.onnx").putExtra(name, value)).startsWith("$name must be a whole number from 1 to "))
        }
        assertTrue(refused(asked("small.onnx").putExtra("runs", "200")).startsWith("runs must be a whole number"))
    }

    @Test
    fun `only what lies in the app's own folders is opened`() {
        Fixtures.file("small.onnx")
        val secret = File(context.filesDir, "secret.onnx").apply { writeText("x") }
        for (name in listOf("../secret.onnx", secret.path, "models/small.onnx", "secret.onnx", "content://a/b.onnx", "")) {
            val message = refused(asked(name))
            assertTrue(message, message.startsWith("no model \"$name\"; there is ") && "small.onnx" in message)
        }
    }

    @Test
    fun `a name that two files have is refused, their keys are not`() {
        val file = Fixtures.file("small.onnx")
        val pushed = File(context.filesDir, "models/small.onnx")
        file.copyTo(pushed)
        val keys = listOf("asset:models/small.onnx", "file:${pushed.path}")
        assertEquals("there is more than one \"small.onnx\"; say which: --es model ${keys[0]} or ${keys[1]}", refused(asked("small.onnx")))
        assertEquals(keys, keys.map { modelNamed(context, it).key })
    }

    @Test
    fun `only adb's shell may start it`() {
        val info = context.packageManager.getActivityInfo(ComponentName(context, BenchActivity::class.java), 0)
        assertEquals("android.permission.DUMP", info.permission)
    }

    @Test
    fun `memory is told by the first run of a process, which takes some, and by no later one`() {
        Fixtures.file("small.onnx")
        // a measurement that another test has left may still be ending in this process, and would be the first
        val runs = generateSequence { JSONObject(measured().also { untouched.set(true) }).getJSONObject("memory") }.take(3)
        untouched.set(true)
        val first = runs.first { !it.isNull("base") }
        untouched.set(false)
        assertTrue(first.toString(), first.getLong("base") > 0 && first.getLong("peak") >= first.getLong("steady"))
        val second = JSONObject(measured()).getJSONObject("memory")
        assertTrue(second.toString(), second.isNull("base") && second.isNull("steady") && "first run" in second.getString("note"))
    }

    @Test
    fun `a measurement is whole where the shared storage cannot be written to`() {
        Fixtures.file("small.onnx")
        val shared = requireNotNull(sharedRecords(context))
        shared.deleteRecursively()
        shared.writeText("a file where the folder should be")
        assertTrue(measured().endsWith("\n"))
        assertTrue(lines().single(), lines().single().endsWith(" shared none"))
    }

    private fun measured(): String =
        Robolectric.buildActivity(BenchActivity::class.java, asked("small.onnx").putExtra("runs", 1).putExtra("seconds", 1)).setup().use {
            it.get().waitUntil("the record") { it.get().said(R.id.headline).isNotEmpty() }
            File(records(context), "small.onnx.json").readText()
        }

    private companion object {
        const val KEEP_SCREEN_ON = android.view.WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
    }
}
