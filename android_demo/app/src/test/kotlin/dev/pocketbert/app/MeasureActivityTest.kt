package dev.pocketbert.app

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.provider.OpenableColumns
import android.widget.Spinner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.ByteArrayOutputStream
import java.io.FileNotFoundException

/** From the main screen to a record that is shared and saved; and a model that was picked from the phone. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w412dp-h892dp-hdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class MeasureActivityTest {
    private val context = RuntimeEnvironment.getApplication()
    private val resolver = context.contentResolver

    private fun measured(intent: Intent, use: (MeasureActivity) -> Unit) {
        Robolectric.buildActivity(MeasureActivity::class.java, intent).setup().use { controller ->
            val activity = controller.get()
            activity.tap(R.id.bench_go)
            activity.waitUntil("the record") { activity.said(R.id.headline).isNotEmpty() }
            use(activity)
        }
    }

    @Test
    fun `a model that was picked is used, measured, and its record shared and saved`() {
        val uri = Uri.parse("content://some.provider/document/7")
        shadowOf(resolver).registerInputStreamSupplier(uri) { Fixtures.file("small.onnx").inputStream() }
        var intent: Intent? = null
        Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val activity = controller.get()
            activity.tap(R.id.open_file)
            val asked = shadowOf(activity).nextStartedActivityForResult
            assertEquals(Intent.ACTION_OPEN_DOCUMENT, asked.intent.action)
            shadowOf(activity).receiveResult(asked.intent, Activity.RESULT_OK, Intent().setData(uri))
            val list = activity.findViewById<Spinner>(R.id.models)
            activity.waitUntil("the picked model") { "7 (from the phone)" == list.selectedItem && "passed" in activity.said(R.id.check) }
            activity.tap(R.id.measure)
            intent = shadowOf(activity).nextStartedActivity
        }
        measured(requireNotNull(intent)) { activity ->
            assertEquals("7", activity.said(R.id.bench_model))
            share(activity)
            save(activity)
        }
    }

    @Test
    fun `a document that has changed is opened again when it is picked again`() {
        val uri = Uri.parse("content://some.provider/document/9")
        var file = "small.onnx"
        shadowOf(resolver).registerInputStreamSupplier(uri) { Fixtures.file(file).inputStream() }
        Robolectric.buildActivity(MainActivity::class.java).setup().use { controller ->
            val activity = controller.get()
            for ((name, labels) in listOf("small.onnx" to "labels: 5", "pair.onnx" to "labels: 2")) {
                file = name
                activity.tap(R.id.open_file)
                val asked = shadowOf(activity).nextStartedActivityForResult
                shadowOf(activity).receiveResult(asked.intent, Activity.RESULT_OK, Intent().setData(uri))
                activity.waitUntil(labels) { labels in activity.said(R.id.model_facts) && "passed" in activity.said(R.id.check) }
            }
        }
    }

    @Test
    fun `a record is saved though the process ended while the dialogue was open`() {
        records(context).mkdirs()
        records(context).resolve("7.json").writeText("the record")
        val before = Bundle().apply { putString("saving", "7.json") }
        val controller = Robolectric.buildActivity(BenchActivity::class.java, Intent(context, BenchActivity::class.java))
        controller.create(before).start().restoreInstanceState(before).resume().visible().use {
            val activity = controller.get()
            assertEquals("it does not measure again", "", activity.said(R.id.problem))
            save(activity, "the record")
            val kept = Bundle()
            controller.saveInstanceState(kept)
            assertEquals("7.json", kept.getString("saving"))
        }
    }

    private fun save(activity: MeasureActivity, expected: String) {
        val target = Uri.parse("content://some.provider/document/8")
        val written = ByteArrayOutputStream()
        shadowOf(resolver).registerOutputStream(target, written)
        ReflectionHelpers.callInstanceMethod<Unit>( // as the system does in a new process, which has asked for nothing
            activity,
            "onActivityResult",
            ClassParameter.from(Int::class.java, 1),
            ClassParameter.from(Int::class.java, Activity.RESULT_OK),
            ClassParameter.from(Intent::class.java, Intent().setData(target)),
        )
        activity.waitUntil("the record is saved") { activity.said(R.id.bench_state) == "The record was saved." }
        assertEquals(expected, written.toString())
    }

    private fun share(activity: MeasureActivity) {
        activity.tap(R.id.share)
        @Suppress("DEPRECATION") // its successor is of API 33
        val sent = requireNotNull(shadowOf(activity).nextStartedActivity.getParcelableExtra<Intent>(Intent.EXTRA_INTENT))
        assertTrue(sent.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        val shared = requireNotNull(sent.clipData).getItemAt(0).uri
        Robolectric.setupContentProvider(RecordProvider::class.java, requireNotNull(shared.authority))
        val text = requireNotNull(resolver.openInputStream(shared)).use { it.readBytes().decodeToString() }
        assertTrue(text.startsWith("{\"name\":\"7\",") && text.endsWith("\"schema\":\"pocketbert.bench/1\"}\n"))
        requireNotNull(resolver.query(shared, null, null, null, null)).use { row ->
            row.moveToFirst()
            assertEquals("7.json", row.getString(row.getColumnIndexOrThrow(OpenableColumns.DISPLAY_NAME)))
            assertEquals(text.length.toLong(), row.getLong(row.getColumnIndexOrThrow(OpenableColumns.SIZE)))
        }
        for (path in listOf("../x.json", "..", "none.json", "a/7.json")) {
            val wrong = Uri.Builder().scheme("content").authority(shared.authority).appendEncodedPath(path).build()
            assertThrows(FileNotFoundException::class.java) { RecordProvider().also { it.attachInfo(context, null) }.openFile(wrong, "r") }
        }
        assertThrows(FileNotFoundException::class.java) { RecordProvider().also { it.attachInfo(context, null) }.openFile(shared, "rw") }
    }

    private fun save(activity: MeasureActivity) {
        activity.tap(R.id.save)
        val asked = shadowOf(activity).nextStartedActivityForResult
        assertEquals("7.json", asked.intent.getStringExtra(Intent.EXTRA_TITLE))
        val target = Uri.parse("content://some.provider/document/8")
        val written = ByteArrayOutputStream()
        shadowOf(resolver).registerOutputStream(target, written)
        shadowOf(activity).receiveResult(asked.intent, Activity.RESULT_OK, Intent().setData(target))
        activity.waitUntil("the record is saved") { activity.said(R.id.bench_state) == "The record was saved." }
        assertEquals(records(context).resolve("7.json").readText(), written.toString())
    }

    @Test
    fun `a model that has gone is said to be gone`() {
        val intent = Intent(context, MeasureActivity::class.java).putExtra("model", "uri:content://gone/1").putExtra("name", "gone.pte")
        Robolectric.buildActivity(MeasureActivity::class.java, intent).setup().use { controller ->
            val activity = controller.get()
            activity.tap(R.id.bench_go)
            activity.waitUntil("the refusal") { activity.said(R.id.problem).isNotEmpty() }
            assertEquals("gone.pte cannot be used.\nIt is not there any more. Open it again.", activity.said(R.id.problem))
        }
    }
}
