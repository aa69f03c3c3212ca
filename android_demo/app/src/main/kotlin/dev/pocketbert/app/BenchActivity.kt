package dev.pocketbert.app

import android.content.Intent
import android.os.Build
import android.os.Bundle
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
 * one line to the log, tag `pocketbert`: "bench ok …" or "bench failed: …". Any app may start it, so it opens only what lies in this
 * app's assets and folders.
 */
class BenchActivity : MeasureActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        if (Build.VERSION.SDK_INT >= 27) {
            setShowWhenLocked(true)
            setTurnScreenOn(true)
        }
        super.onCreate(savedInstanceState)
    }

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
            log("bench ok ${view.record.name} $figures verdict ${view.record.validity.verdict} record files/bench/${view.file.name}")
        }
        is BenchView.Failed -> log("bench failed: ${view.message}")
        else -> log("bench failed: cancelled")
    }
}

private fun log(line: String) {
    Log.i("pocketbert", line.replace('\n', ' '))
}
