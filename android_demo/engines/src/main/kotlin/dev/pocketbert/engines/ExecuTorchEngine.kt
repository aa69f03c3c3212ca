package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.Manifest
import org.pytorch.executorch.EValue
import org.pytorch.executorch.Module
import org.pytorch.executorch.Tensor
import java.io.Closeable
import java.io.File

/** Runs a `.pte` in ExecuTorch, with only those calls that all its versions have in common. */
internal class ExecuTorchEngine private constructor(private var module: Module?, private val outputs: Int) : TextEngine {
    override val runtime: String = "executorch $LEAST_KNOWN or later"

    override fun run(inputs: Inputs): FloatArray {
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

    override fun close() {
        module?.destroy()
        module = null
    }

    companion object {
        /**
         * The library's API carries no version. What tells: `Module` can be closed since 1.3; in 1.2.0 and before it can only be
         * destroyed. Those older ones cannot be told from each other, and 1.2.0, the least that today's files ask for, is among them.
         */
        private const val LEAST_KNOWN = "1.3"

        /** Opens the program; the library's class is judged before its native code is loaded. */
        fun open(manifest: Manifest, file: File, threads: Int): ExecuTorchEngine {
            checkVersion(manifest.leastRuntime, Closeable::class.java.isAssignableFrom(Module::class.java))
            val module =
                try {
                    // mapped: the weights stay in the file; the seal behind the program is not looked at
                    Module.load(file.path, Module.LOAD_MODE_MMAP, threads)
                } catch (error: RuntimeException) {
                    throw ArtifactException("ExecuTorch cannot open ${file.name}: ${error.message}", error)
                }
            return ExecuTorchEngine(module, manifest.output.size)
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
