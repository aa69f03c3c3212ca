package dev.pocketbert.app

import android.content.Intent
import android.util.Log
import dev.pocketbert.artifact.ArtifactException
import java.util.Locale

/**
 * The bench for a computer that holds the phone by `adb`:
 *
 * ```
 * adb shell am start -n dev.pocketbert.app/.BenchActivity --es model intents.pte --es accelerator cpu --ei runs 200 --ei seconds 10
 * ```
 *
 * It writes the record to the app's files (`files/bench/intents.pte.json`, and the same name in its folder of the shared storage) and
 * one line to the log, tag `pocketbert`: "bench ok …" or "bench failed: …". The manifest keeps other apps out: only who holds DUMP, as adb's shell does, may start it. It opens
 * what lies in this app's assets and folders, and nothing else. A pushed file with the name of an asset is meant by its key, which the
 * refusal names.
 */
class BenchActivity : MeasureActivity() {
    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        if (isRunning()) {
            log("bench failed: a measurement is running already")
            return
        }
        setIntent(intent)
        show(R.id.bench_model, modelName())
        begin()
    }

    override fun modelName(): String = intent.getStringExtra(MODEL).orEmpty()

    override fun newState() = BenchState(applicationContext, ::logEnd)

    override fun created() = begin()

    override fun begin() {
        try {
            val request = benchRequest(intent)
            measure(request.model, request.plan) { modelNamed(applicationContext, request.model) }
        } catch (refused: ArtifactException) {
            refuse(refused)
        }
    }
}

private fun logEnd(view: BenchView) {
    when (view) {
        is BenchView.Done -> {
            val forward = view.record.times.getValue("forward")
            val figures = String.format(Locale.ROOT, "p50 %.3f ms p90 %.3f ms", forward.p50, forward.p90)
            val files = "record files/bench/${view.file.name} shared ${view.shared?.path ?: "none"}"
            log("bench ok ${view.record.name} $figures verdict ${view.record.validity.verdict} $files")
        }
        is BenchView.Failed -> log("bench failed: ${view.message}")
        else -> log("bench failed: cancelled")
    }
}

private fun log(line: String) {
    Log.i("pocketbert", line.replace('\n', ' '))
}
