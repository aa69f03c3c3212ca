package dev.pocketbert.app

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.ClipData
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.MenuItem
import android.view.View.GONE
import android.view.View.VISIBLE
import android.view.WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
import android.widget.Button
import android.widget.ProgressBar
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.bench.Limits
import dev.pocketbert.bench.Plan
import java.io.File

/** Measures one model: progress, figures, and the record to keep. */
open class MeasureActivity : Activity() {
    private lateinit var state: BenchState

    /** Name of the record that the system's file dialogue was opened for; the process may end while it is open. */
    private var saving: String? = null

    override fun attachBaseContext(base: Context) {
        super.attachBaseContext(base)
        writeNumbersAsStrings()
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.bench)
        keepClearOfBars()
        saving = savedInstanceState?.getString(SAVING)
        @Suppress("DEPRECATION") // what replaces it is a library of its own
        val kept = lastNonConfigurationInstance as BenchState?
        state = kept ?: newState()
        findViewById<Button>(R.id.bench_go).setOnClickListener { if (state.view is BenchView.Running) state.cancel() else begin() }
        findViewById<Button>(R.id.share).setOnClickListener { share() }
        findViewById<Button>(R.id.save).setOnClickListener { save() }
        state.listener = ::show
        show(R.id.bench_model, modelName())
        show(state.view)
        if (kept == null && savedInstanceState == null) created()
    }

    /** Name of the model for people. */
    internal open fun modelName(): String = intent.getStringExtra(NAME).orEmpty()

    /** The screen is new, and not one that was turned or comes back after its process had ended. */
    internal open fun created() = Unit

    internal open fun newState() = BenchState(applicationContext)

    /** Starts what the intent asks for. */
    internal open fun begin() {
        val key = intent.getStringExtra(MODEL)
        measure(modelName(), Plan(Limits(minRuns = 200, minSeconds = 5.0))) {
            models(applicationContext).find { it.key == key } ?: throw ArtifactException(getString(R.string.gone))
        }
    }

    internal fun measure(name: String, plan: Plan, find: () -> ModelSource) = state.start(name, plan, find)

    internal fun refuse(why: ArtifactException) = state.refuse(why)

    internal fun isRunning() = state.view is BenchView.Running

    @Deprecated("Deprecated in Java")
    override fun onRetainNonConfigurationInstance(): Any = state

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(SAVING, saving)
    }

    override fun onStop() {
        super.onStop()
        // in the background Android gives an app little of the CPU: such figures would say nothing
        if (!isChangingConfigurations) state.cancel()
    }

    override fun onDestroy() {
        super.onDestroy()
        state.listener = null
        if (!isChangingConfigurations) state.close()
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        if (item.itemId != android.R.id.home) return super.onOptionsItemSelected(item)
        finish() // back to the screen below as it was, instead of a new one
        return true
    }

    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        super.onActivityResult(requestCode, resultCode, data)
        val to = data?.data ?: return
        if (requestCode == SAVE && resultCode == RESULT_OK) write(to)
    }

    private fun show(view: BenchView) {
        val running = view is BenchView.Running
        if (running) window.addFlags(FLAG_KEEP_SCREEN_ON) else window.clearFlags(FLAG_KEEP_SCREEN_ON)
        val bar = findViewById<ProgressBar>(R.id.bench_progress)
        bar.visibility = if (running) VISIBLE else GONE
        bar.progress = if (view is BenchView.Running) (view.share * bar.max).toInt() else 0
        val words = when (view) {
            is BenchView.Running -> getString(R.string.bench_running)
            BenchView.Cancelled -> getString(R.string.bench_cancelled)
            else -> null
        }
        show(R.id.bench_state, words)
        val button = when (view) {
            is BenchView.Running -> R.string.bench_cancel
            is BenchView.Done -> R.string.bench_again
            else -> R.string.bench_start
        }
        findViewById<Button>(R.id.bench_go).setText(button)
        show(R.id.problem, (view as? BenchView.Failed)?.problem?.said(this))
        showRecord((view as? BenchView.Done)?.record)
    }

    private fun share() {
        val done = state.view as? BenchView.Done ?: return
        val uri = RecordProvider.uri(done.file)
        val sent = Intent(Intent.ACTION_SEND).setType(RecordProvider.MEDIA_TYPE).putExtra(Intent.EXTRA_STREAM, uri)
        sent.clipData = ClipData.newRawUri(done.file.name, uri)
        sent.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startActivity(Intent.createChooser(sent, getString(R.string.share)))
    }

    private fun save() {
        val done = state.view as? BenchView.Done ?: return
        val dialogue = Intent(Intent.ACTION_CREATE_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType(RecordProvider.MEDIA_TYPE)
        saving = done.file.name
        try {
            startActivityForResult(dialogue.putExtra(Intent.EXTRA_TITLE, done.file.name), SAVE)
        } catch (_: ActivityNotFoundException) {
            show(R.id.problem, getString(R.string.no_picker))
        }
    }

    private fun write(to: Uri) {
        val record = File(records(this), saving ?: return)
        state.also({
            val stream = applicationContext.contentResolver.openOutputStream(to, "wt") ?: throw ArtifactException(getString(R.string.gone))
            stream.use { out -> record.inputStream().use { it.copyTo(out) } }
        }) { problem ->
            show(R.id.bench_state, if (problem == null) getString(R.string.saved) else null)
            show(R.id.problem, problem?.let { getString(R.string.failed, it.message.orEmpty()) })
        }
    }

    internal companion object {
        /** Extra: key of a [ModelSource]. */
        const val MODEL = "model"

        /** Extra: its name for people. */
        const val NAME = "name"
        private const val SAVE = 1
        private const val SAVING = "saving"
    }
}
