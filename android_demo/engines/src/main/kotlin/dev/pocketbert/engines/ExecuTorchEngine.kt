package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.Manifest
import org.pytorch.executorch.EValue
import org.pytorch.executorch.Module
import org.pytorch.executorch.Tensor
import java.io.Closeable
import java.io.File

/**
 * Runs a `.pte` in ExecuTorch, with only those calls that all versions from [LEAST_KNOWN] on have in common.
 *
 * ExecuTorch has one pool of threads in a process. So all engines of the process take turns, opening included, and while one is
 * open, another with a different count of threads is refused.
 */
internal class ExecuTorchEngine private constructor(private var module: Module?, private val outputs: Int) : TextEngine {
    override val runtime: String = "executorch $LEAST_KNOWN or later"

    override fun run(inputs: Inputs): FloatArray = synchronized(turn) { forward(inputs) }

    private fun forward(inputs: Inputs): FloatArray {
        val open = module ?: throw closedModel()
        val shape = longArrayOf(1, inputs.length.toLong())
        // positional, in the manifest's order: input_ids, attention_mask, token_type_ids, each int32 (1, n)
        val rows = arrayOf(inputs.ids, inputs.mask, inputs.types)
        val result =
            try {
                val found = open.forward(*Array(rows.size) { EValue.from(Tensor.fromBlob(rows[it], shape)) })
                if (found.size != 1) throw wrongGraph("${found.size} outputs instead of one")
                found[0].toTensor().dataAsFloatArray
            } catch (error: ArtifactException) { // of ours
                throw error
            } catch (error: RuntimeException) { // of its own, for which there is no common class in all versions
                throw failedRun(runtime, inputs.length, error)
            }
        if (result.size != outputs) throw wrongGraph("${result.size} numbers in the output instead of $outputs")
        return result
    }

    override fun close() =
        synchronized(turn) {
            module?.let {
                module = null
                threadCount.leave()
                it.destroy()
            }
            Unit
        }

    companion object {
        /**
         * The library's API carries no version. What tells: `Module` can be closed since 1.3; in 1.2.0 and before it can only be
         * destroyed. Those older ones cannot be told from each other, and today's files ask for 1.3.
         */
        private const val LEAST_KNOWN = "1.3"

        private val turn = Any() // of all engines in the process
        private val threadCount = ThreadCount("ExecuTorch")

        /**
         * Opens the program and its `forward`: memory is planned and weights are packed here, not at the first call, and a graph
         * that this build of ExecuTorch cannot run is refused. The library's class is judged before its native code is loaded.
         */
        fun open(manifest: Manifest, file: File, threads: Int): ExecuTorchEngine {
            checkVersion(manifest.leastRuntime, Closeable::class.java.isAssignableFrom(Module::class.java))
            return synchronized(turn) {
                threadCount.join(threads)
                var isOpen = false
                try {
                    ExecuTorchEngine(load(file, threads), manifest.output.size).also { isOpen = true }
                } catch (error: RuntimeException) {
                    throw ArtifactException("ExecuTorch cannot open ${file.name}: ${error.message}", error)
                } finally {
                    if (!isOpen) threadCount.leave() // also where its native library is missing, which is an Error
                }
            }
        }

        private fun load(file: File, threads: Int): Module {
            // mapped: the weights stay in the file; the seal behind the program is not looked at
            val module = Module.load(file.path, Module.LOAD_MODE_MMAP, threads)
            try {
                module.loadMethod("forward")
            } catch (error: RuntimeException) {
                module.destroy()
                throw error
            }
            return module
        }

        /** [closeable]: whether the library's Module is. */
        internal fun checkVersion(least: String, closeable: Boolean) {
            val line = RuntimeLibrary.EXECUTORCH.gradleLine
            if (!closeable) {
                throw ArtifactException(
                    "this app carries an ExecuTorch older than $LEAST_KNOWN, and the file needs $least or later: use $line.",
                )
            }
            if (RuntimeVersion(least) > RuntimeVersion(LEAST_KNOWN)) {
                throw ArtifactException(
                    "the file needs ExecuTorch $least or later, and this version of pocketbert can only tell that the app carries " +
                        "$LEAST_KNOWN or later: use a newer pocketbert.",
                )
            }
        }
    }
}
