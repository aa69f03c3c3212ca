package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Inputs
import dev.pocketbert.artifact.Manifest
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.TensorFlowLite
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Runs a `.tflite` in LiteRT's Interpreter. Tensors are found by their signature names: the converter orders them as it likes.
 *
 * @param positions among the interpreter's inputs: of input_ids, attention_mask, token_type_ids.
 */
internal class LiteRtEngine private constructor(
    private var interpreter: Interpreter?,
    private val positions: IntArray,
    longest: Int,
    private val outputs: Int,
) : TextEngine {
    override val runtime: String = "litert (TensorFlow Lite ${TensorFlowLite.runtimeVersion()})"

    // Direct buffers are read in place. They are allocated once for the longest text and cut to n, since the interpreter
    // compares a buffer's capacity, not its limit, with the tensor's size.
    private val rows = Array(positions.size) { nativeBuffer(longest * Int.SIZE_BYTES) }
    private val result = nativeBuffer(outputs * Float.SIZE_BYTES)
    private var length = NOT_PLANNED // tokens that memory is planned for
    private var cut = emptyArray<Any>() // of each row its first `length` numbers, by the interpreter's positions

    override fun run(inputs: Inputs): FloatArray {
        val open = interpreter ?: throw closedModel()
        try {
            if (inputs.length != length) resize(open, inputs.length)
            fill(inputs)
            result.rewind()
            open.runForMultipleInputsOutputs(cut, mapOf(0 to result))
        } catch (error: ArtifactException) { // of ours: another graph than the manifest describes
            throw error
        } catch (error: RuntimeException) { // IllegalArgumentException and IllegalStateException, by kind of failure
            length = NOT_PLANNED
            throw failedRun(runtime, inputs.length, error)
        }
        result.rewind()
        return FloatArray(outputs).also { result.asFloatBuffer().get(it) }
    }

    /** Plans memory for [tokens] tokens. */
    private fun resize(open: Interpreter, tokens: Int) {
        length = NOT_PLANNED // until all of it has worked
        for (position in positions) open.resizeInput(position, intArrayOf(1, tokens))
        open.allocateTensors()
        checkOutput(open, outputs)
        cut = cutTo(tokens)
        length = tokens
    }

    private fun cutTo(tokens: Int): Array<Any> {
        val views = arrayOfNulls<ByteBuffer>(positions.size)
        for ((i, row) in rows.withIndex()) {
            row.position(0).limit(tokens * Int.SIZE_BYTES)
            views[positions[i]] = row.slice().order(ByteOrder.nativeOrder())
        }
        return views.requireNoNulls().map { it as Any }.toTypedArray()
    }

    private fun fill(inputs: Inputs) {
        val values = arrayOf(inputs.ids, inputs.mask, inputs.types)
        for ((i, position) in positions.withIndex()) {
            val view = cut[position] as ByteBuffer
            view.rewind()
            view.asIntBuffer().put(values[i])
        }
    }

    override fun close() {
        interpreter?.close()
        interpreter = null
    }

    companion object {
        private const val SIGNATURE = "serving_default"
        private const val NOT_PLANNED = -1
        private val INPUTS = arrayOf("input_ids", "attention_mask", "token_type_ids")

        /**
         * LiteRT tells no version that could be compared: `TensorFlowLite.runtimeVersion()` counts as TensorFlow does, so that the
         * legacy org.tensorflow:tensorflow-lite 2.16.1 looks newer than LiteRT 2.1.0. What tells: LiteRT 2 has CompiledModel, the
         * legacy runtime and LiteRT 1 have not; and from 2.1.0 on it has the Interpreter again, which 2.0 had not.
         */
        private const val LEAST_KNOWN = "2.1.0"
        private const val LITERT_2_CLASS = "com.google.ai.edge.litert.CompiledModel"

        /** Opens the graph in [bytes], the whole file, without copying it where it is mapped. */
        fun open(manifest: Manifest, bytes: ByteBuffer, threads: Int): LiteRtEngine {
            checkVersion(manifest.leastRuntime, classIsThere(LITERT_2_CLASS))
            val interpreter =
                try {
                    Interpreter(direct(bytes), Interpreter.Options().setNumThreads(threads))
                } catch (error: RuntimeException) {
                    throw ArtifactException("LiteRT cannot open the graph: ${error.message}", error)
                }
            try {
                checkOutput(interpreter, manifest.output.size)
                return LiteRtEngine(interpreter, positions(interpreter), manifest.lengths.longest, manifest.output.size)
            } catch (error: ArtifactException) {
                interpreter.close()
                throw error
            } catch (error: RuntimeException) { // of the runtime: no such signature or tensor
                interpreter.close()
                throw wrongGraph(error.message.orEmpty())
            }
        }

        /** [litert2]: whether the classes are LiteRT 2's. */
        internal fun checkVersion(least: String, litert2: Boolean) {
            val line = RuntimeLibrary.LITERT.gradleLine
            if (!litert2) {
                throw ArtifactException(
                    "this app carries the legacy TensorFlow Lite runtime (org.tensorflow:tensorflow-lite, or LiteRT 1), which lacks the " +
                        "operators of today's files; its 2.16.1 is older than LiteRT $LEAST_KNOWN, whatever the numbers say. The file " +
                        "needs LiteRT $least or later: remove it and use $line.",
                )
            }
            if (RuntimeVersion(least) > RuntimeVersion(LEAST_KNOWN)) {
                throw ArtifactException(
                    "the file needs LiteRT $least or later, and this version of pocketbert can only tell that the app carries " +
                        "$LEAST_KNOWN or later: use a newer pocketbert.",
                )
            }
        }

        /** Where the three inputs stand among the interpreter's: a signature knows tensors, `resizeInput` wants positions. */
        private fun positions(interpreter: Interpreter): IntArray {
            val named = interpreter.getSignatureInputs(SIGNATURE)
            if (named.toSet() != INPUTS.toSet()) throw wrongGraph("its inputs are ${named.sorted()}")
            val tensors = (0 until interpreter.inputTensorCount).map { interpreter.getInputTensor(it).index() }
            return IntArray(INPUTS.size) { i ->
                val tensor = interpreter.getInputTensorFromSignature(INPUTS[i], SIGNATURE)
                val shape = tensor.shape()
                if (tensor.dataType() != DataType.INT32 || shape.size != 2 || shape[0] != 1) {
                    throw wrongGraph("${INPUTS[i]} is ${tensor.dataType()} ${shape.contentToString()} instead of INT32 [1, n]")
                }
                tensors.indexOf(tensor.index())
            }
        }

        private fun checkOutput(interpreter: Interpreter, size: Int) {
            if (interpreter.outputTensorCount != 1) throw wrongGraph("${interpreter.outputTensorCount} outputs instead of one")
            val tensor = interpreter.getOutputTensor(0)
            if (tensor.dataType() != DataType.FLOAT32 || !tensor.shape().contentEquals(intArrayOf(1, size))) {
                throw wrongGraph("its output is ${tensor.dataType()} ${tensor.shape().contentToString()} instead of FLOAT32 [1, $size]")
            }
        }
    }
}

internal fun nativeBuffer(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

/** The same bytes where native code can read them: as they are where they are mapped or direct, else a copy. */
internal fun direct(bytes: ByteBuffer): ByteBuffer {
    val view = bytes.duplicate().order(ByteOrder.nativeOrder())
    return if (view.isDirect) view else nativeBuffer(view.remaining()).put(view).apply { rewind() }
}
