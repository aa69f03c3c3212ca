package dev.pocketbert.app

import android.content.Context
import dev.pocketbert.PocketBert
import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.bench.BenchRecord
import dev.pocketbert.bench.Loaded
import dev.pocketbert.bench.Machine
import dev.pocketbert.bench.Plan
import dev.pocketbert.bench.Subject
import dev.pocketbert.bench.bench
import dev.pocketbert.task.Task
import java.io.File
import java.util.concurrent.CancellationException
import java.util.concurrent.atomic.AtomicBoolean

/** What the bench screen shows. */
internal sealed interface BenchView {
    data object Idle : BenchView

    /** [share] of 1 is done. */
    class Running(val share: Double) : BenchView

    data object Cancelled : BenchView

    class Failed(val problem: Problem, val message: String) : BenchView

    /** [file] holds the record, and so does [shared] where there is shared storage. */
    class Done(val record: BenchRecord, val file: File, val shared: File?) : BenchView
}

/**
 * A measurement that goes on while the phone is turned. To be called on the main thread.
 *
 * @param context the application's.
 * @param ended hears once of every run that has ended, whatever screen there is then.
 */
internal class BenchState(private val context: Context, private val ended: (BenchView) -> Unit = {}) {
    private val background = Background("pocketbert bench")

    @Volatile
    private var cancelled = false

    /** Hears of every change, on the main thread. */
    var listener: ((BenchView) -> Unit)? = null

    var view: BenchView = BenchView.Idle
        private set(value) {
            field = value
            listener?.invoke(value)
        }

    /** [find] gives the model, and may throw; it runs in the background. */
    fun start(name: String, plan: Plan, find: () -> ModelSource) {
        if (view is BenchView.Running) return
        cancelled = false
        view = BenchView.Running(0.0)
        background.run({ measured(find(), plan) }) { result ->
            end(result.getOrElse { if (it is CancellationException) BenchView.Cancelled else failed(problemOf(name, it), it) })
        }
    }

    /** What was asked for cannot be measured. */
    fun refuse(why: ArtifactException) {
        if (view !is BenchView.Running) end(failed(Problem(R.string.failed, why.message.orEmpty()), why))
    }

    /** The run ends soon; nothing is recorded. */
    fun cancel() {
        cancelled = true
    }

    /** Does [work] in the background, and tells [done] whether it went well. */
    fun also(work: () -> Unit, done: (Throwable?) -> Unit) = background.run(work) { done(it.exceptionOrNull()) }

    fun close() {
        listener = null
        cancelled = true
        if (view is BenchView.Running) end(BenchView.Cancelled)
        background.close { }
    }

    private fun failed(problem: Problem, error: Throwable) = BenchView.Failed(problem, error.message ?: error.javaClass.simpleName)

    private fun end(result: BenchView) {
        view = result
        ended(result)
    }

    private fun measured(source: ModelSource, plan: Plan): BenchView.Done {
        val phone = Phone(context)
        val file = plainFile(context, source)
        if (cancelled) throw CancellationException("left before it began") // so the next run is the first of this process
        val machine =
            Machine(
                phone::before,
                phone::after,
                phone::resident,
                phone::resetPeak,
                fresh = untouched.getAndSet(false),
                how = "in the app's process for measuring, alone",
            )
        val record = bench(subject(plainName(source.name), file, plan.threads), plan, machine, { cancelled }) { share ->
            phone.look()
            background.tell { if (view is BenchView.Running) view = BenchView.Running(share) }
        }
        val kept = keep(context, record)
        return BenchView.Done(record, kept.own, kept.shared)
    }

    private fun subject(name: String, file: File, threads: Int) =
        Subject(name, { Artifact.read(file) }) { artifact -> InRuntime(PocketBert.open(artifact, file, threads)) }

    private class InRuntime(private val model: PocketBert) : Loaded {
        override val engine = model.runtime.substringBefore(' ')
        override val engineVersion = model.runtime.substringAfter(' ', "")
        private val labelled = model.artifact.manifest.task is Task.Classification

        override fun run(inputs: Inputs): FloatArray = model.outputs(inputs)

        override fun decode(output: FloatArray) {
            if (labelled) model.labels(output)
        }

        override fun close() = model.close()
    }
}

/** The model as a file of its own, as every runtime can open it: assets and picked files are copied to the cache. */
private fun plainFile(context: Context, source: ModelSource): File =
    when (source) {
        is ModelSource.AppFile -> source.file
        is ModelSource.Asset -> PocketBert.file(context, source.path)
        is ModelSource.Picked -> PocketBert.file(context, source.uri)
    }

/** The record's file is named after it, and a picked file has the name that another app gives it. */
private fun plainName(name: String) = name.replace(Regex("[^\\w.\\- ]"), "_").takeLast(NAME_LONGEST).trimStart('.')

private const val NAME_LONGEST = 100

/** Whether no run has begun in this process: memory that one model gave back is what the next one would seem not to need. */
internal val untouched = AtomicBoolean(true)
