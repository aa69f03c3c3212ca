package dev.pocketbert.app

import android.os.Handler
import android.os.Looper
import java.util.concurrent.Executors

/** One thread that does one thing after the other, and hands what comes of it to the main thread. */
internal class Background(name: String) {
    private val thread = Executors.newSingleThreadExecutor { Thread(it, name) }
    private val main = Handler(Looper.getMainLooper())

    /** Has [work] done after what was asked for before; [done] hears on the main thread what it gave or threw. */
    fun <T> run(work: () -> T, done: (Result<T>) -> Unit) {
        thread.execute {
            val result = runCatching(work)
            main.post { done(result) }
        }
    }

    /** From the work: [action] on the main thread. */
    fun tell(action: () -> Unit) {
        main.post(action)
    }

    /** What was asked for before is still done, then the thread ends. */
    fun close(last: () -> Unit) {
        thread.execute(last)
        thread.shutdown()
    }
}
