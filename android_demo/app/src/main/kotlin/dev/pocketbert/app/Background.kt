package dev.pocketbert.app

import android.os.Handler
import android.os.Looper
import java.util.concurrent.Executors

/** One thread that does one thing after the other, and hands what comes of it to the main thread, where it is to be called. */
internal class Background(name: String) {
    private val thread = Executors.newSingleThreadExecutor { Thread(it, name) }
    private val main = Handler(Looper.getMainLooper())

    /** Of the main thread. What was posted before may arrive after. */
    private var closed = false

    /** Has [work] done after what was asked for before; [done] hears on the main thread what it gave or threw. */
    fun <T> run(work: () -> T, done: (Result<T>) -> Unit) {
        if (closed) return
        thread.execute {
            val result = runCatching(work)
            main.post { if (!closed) done(result) }
        }
    }

    /** From the work: [action] on the main thread. */
    fun tell(action: () -> Unit) {
        main.post { if (!closed) action() }
    }

    /** What was asked for before is still done, but nobody hears of it; then [last], and the thread ends. Nothing is done after. */
    fun close(last: () -> Unit) {
        closed = true
        thread.execute(last)
        thread.shutdown()
    }
}
