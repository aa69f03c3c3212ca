package dev.pocketbert.app

import android.content.Context
import dev.pocketbert.PocketBert
import java.util.concurrent.CancellationException

/** What the main screen shows. */
internal data class MainView(
    val models: List<ModelSource>? = null,
    val chosen: ModelSource? = null,
    val facts: Facts? = null,
    val check: Check? = null,
    val answer: Answer? = null,
    val asking: Boolean = false,
    val problem: Problem? = null,
)

/**
 * The main screen's model and what was asked of it. It outlives the activity when the phone is turned; everything that takes time is
 * done on a thread of its own, one thing after the other. To be called on the main thread.
 *
 * @param context the application's.
 */
internal class MainState(private val context: Context) {
    private val background = Background("pocketbert")

    /** Touched on the background thread only. */
    private var model: PocketBert? = null

    /** A model being used from when it was asked for; the same file asked for again is another turn. */
    private class Turn(val source: ModelSource)

    /** What the user wants now: work of another turn gives up when it sees this. */
    @Volatile
    private var wanted: Turn? = null

    /** Hears of every change, on the main thread. */
    var listener: ((MainView) -> Unit)? = null

    var view = MainView()
        private set(value) {
            field = value
            listener?.invoke(value)
        }

    /** Looks for models anew, and opens the one of [key], though it be open already, or, where nothing is open, the first. */
    fun look(key: String? = null) {
        background.run({ models(context) }) { found ->
            val all = found.getOrElse { problem ->
                view = view.copy(problem = Problem(R.string.failed, problem.message.orEmpty()))
                emptyList()
            }
            view = view.copy(models = all)
            val asked = all.find { it.key == key }
            val next = asked ?: all.firstOrNull().takeIf { view.chosen == null }
            if (next != null) choose(next, again = asked != null)
        }
    }

    /**
     * Opens a model in place of the one before, then checks it against its golden vectors.
     *
     * @param again also if it is the one before: its file may have changed.
     */
    fun choose(source: ModelSource, again: Boolean = false) {
        if (source == view.chosen && view.problem == null && !again) return
        val turn = Turn(source)
        wanted = turn
        view = MainView(view.models, chosen = source)
        background.run({ opened(turn) }) { result ->
            if (turn !== wanted) return@run
            result.onSuccess {
                view = view.copy(facts = it)
                check(turn)
            }
            result.onFailure { view = view.copy(problem = problemOf(source.name, it)) }
        }
    }

    fun classify(text: String, pair: String) {
        val turn = wanted ?: return
        view = view.copy(asking = true, problem = null)
        background.run({ model?.answer(text, pair) }) { result ->
            if (turn !== wanted) return@run
            view = view.copy(asking = false, answer = result.getOrNull())
            result.onFailure { view = view.copy(problem = Problem(R.string.failed, it.message.orEmpty())) }
        }
    }

    fun say(problem: Problem) {
        view = view.copy(problem = problem)
    }

    fun close() {
        listener = null
        wanted = null
        background.close { model?.close() }
    }

    private fun opened(turn: Turn): Facts {
        model?.close()
        model = null
        if (turn !== wanted) throw CancellationException("another model was chosen")
        return turn.source.open(context).also { model = it }.facts()
    }

    private fun check(turn: Turn) {
        val report = { done: Int, total: Int ->
            if (turn !== wanted) throw CancellationException("another model was chosen")
            background.tell { if (turn === wanted && view.check?.verdict == null) view = view.copy(check = Check(done, total)) }
        }
        background.run({ model?.selfCheck(report) }) { result ->
            if (turn !== wanted) return@run
            result.onSuccess { verdict -> if (verdict != null) view = view.copy(check = Check(verdict.vectors, verdict.vectors, verdict)) }
            result.onFailure { view = view.copy(check = null, problem = problemOf(turn.source.name, it)) }
        }
    }
}
