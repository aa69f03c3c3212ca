package dev.pocketbert.engines

import ai.onnxruntime.OnnxJavaType
import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtException
import ai.onnxruntime.OrtLoggingLevel
import ai.onnxruntime.OrtSession
import ai.onnxruntime.TensorInfo
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.Manifest
import java.nio.ByteBuffer
import java.nio.IntBuffer

/** Runs a `.onnx` in ONNX Runtime on the processor; inputs and output by name. */
internal class OnnxRuntimeEngine private constructor(
    private val environment: OrtEnvironment,
    private var session: OrtSession?,
    private val output: String,
    private val outputs: Int,
) : TextEngine {
    override val runtime: String = "onnxruntime ${environment.version}"

    override fun run(inputs: Inputs): FloatArray {
        val open = session ?: throw closedModel()
        val shape = longArrayOf(1, inputs.length.toLong())
        val tensors = HashMap<String, OnnxTensor>()
        try {
            for ((name, row) in INPUTS.zip(listOf(inputs.ids, inputs.mask, inputs.types))) {
                tensors[name] = OnnxTensor.createTensor(environment, IntBuffer.wrap(row), shape)
            }
            open.run(tensors, setOf(output)).use { result -> return columns(result[0] as OnnxTensor) }
        } catch (error: OrtException) {
            throw failedRun(runtime, inputs.length, error)
        } finally {
            tensors.values.forEach { it.close() }
        }
    }

    private fun columns(tensor: OnnxTensor): FloatArray {
        val info = tensor.info
        if (info.type != OnnxJavaType.FLOAT || !info.shape.contentEquals(longArrayOf(1, outputs.toLong()))) {
            throw wrongGraph("its output is ${info.type} ${info.shape.contentToString()} instead of FLOAT [1, $outputs]")
        }
        return FloatArray(outputs).also { tensor.floatBuffer.get(it) }
    }

    override fun close() {
        session?.close()
        session = null
    }

    companion object {
        private val INPUTS = listOf("input_ids", "attention_mask", "token_type_ids")

        /** Opens the graph in [bytes], the whole file; the runtime copies what it keeps. */
        fun open(manifest: Manifest, bytes: ByteBuffer, threads: Int): OnnxRuntimeEngine {
            val environment = OrtEnvironment.getEnvironment()
            checkVersion(manifest.leastRuntime, environment.version)
            val session =
                try {
                    OrtSession.SessionOptions().use { options ->
                        options.setIntraOpNumThreads(threads)
                        options.setInterOpNumThreads(1)
                        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR) // its warnings are about graph details
                        environment.createSession(direct(bytes), options)
                    }
                } catch (error: OrtException) {
                    throw ArtifactException("ONNX Runtime ${environment.version} cannot open the graph: ${error.message}", error)
                }
            val found = session.inputInfo.mapValues { (_, node) -> (node.info as? TensorInfo)?.type }
            if (found != INPUTS.associateWith { OnnxJavaType.INT32 } || manifest.output.name !in session.outputNames) {
                session.close()
                throw wrongGraph("its inputs are $found, its outputs ${session.outputNames}")
            }
            return OnnxRuntimeEngine(environment, session, manifest.output.name, manifest.output.size)
        }

        internal fun checkVersion(least: String, found: String) {
            if (RuntimeVersion(found) < RuntimeVersion(least)) {
                throw ArtifactException(
                    "the file needs ONNX Runtime $least or later, and this app carries $found: raise the version of " +
                        "${RuntimeLibrary.ONNX_RUNTIME.coordinates.substringBeforeLast(':')} in build.gradle.kts.",
                )
            }
        }
    }
}
