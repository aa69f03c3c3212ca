package dev.pocketbert.app

import android.content.Context
import android.content.Intent
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.bench.Limits
import dev.pocketbert.bench.Plan
import kotlin.math.max

/** What `adb shell am start` asked for. */
internal class BenchRequest(val model: String, val plan: Plan)

/**
 * The extras of an intent, which is not this app's own.
 *
 * @throws ArtifactException for what is missing or out of its range, with what there is.
 */
internal fun benchRequest(intent: Intent): BenchRequest {
    val model = intent.getStringExtra("model") ?: throw ArtifactException("name the model: --es model intents.pte")
    when (val accelerator = intent.getStringExtra("accelerator") ?: "cpu") {
        "cpu" -> Unit
        "gpu", "npu" -> throw ArtifactException("accelerator $accelerator: this version runs on the CPU only; use --es accelerator cpu")
        else -> throw ArtifactException("accelerator \"$accelerator\" is unknown; this version runs on the CPU only: --es accelerator cpu")
    }
    val runs = intent.whole("runs", 1..100_000, 200)
    val seconds = intent.whole("seconds", 1..3_600, 5).toDouble()
    val limits = Limits(minRuns = runs, minSeconds = seconds, maxSeconds = max(LONGEST_SECONDS, seconds))
    return BenchRequest(model, Plan(limits, threads = intent.whole("threads", 1..64, 1)))
}

/**
 * The model of that name or key in the app's assets or folders. Both are looked for in the list, never put together to a path, so
 * nothing else can be reached.
 *
 * @throws ArtifactException for a name that none has, or more than one, with what there is.
 */
internal fun modelNamed(context: Context, name: String): ModelSource {
    val all = ownModels(context)
    if (all.isEmpty()) throw ArtifactException("this app carries no model; put one into its assets")
    val found = all.filter { it.key == name }.ifEmpty { all.filter { it.name == name } }
    if (found.isEmpty()) throw ArtifactException("no model \"$name\"; there is ${all.joinToString { it.name }}")
    return found.singleOrNull()
        ?: throw ArtifactException("there is more than one \"$name\"; say which: --es model ${found.joinToString(" or ") { it.key }}")
}

private fun Intent.whole(name: String, range: IntRange, otherwise: Int): Int {
    if (!hasExtra(name)) return otherwise
    val value = getIntExtra(name, range.first - 1) // also for an extra of another type
    if (value !in range) throw ArtifactException("$name must be a whole number from ${range.first} to ${range.last}: --ei $name $otherwise")
    return value
}

private const val LONGEST_SECONDS = 60.0
