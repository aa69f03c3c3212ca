package org.tensorflow.lite

import org.bytedeco.javacpp.BytePointer
import org.bytedeco.javacpp.Pointer
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithXNNPACK
import org.bytedeco.tensorflowlite.FlatBufferModel
import org.bytedeco.tensorflowlite.InterpreterBuilder
import org.bytedeco.tensorflowlite.TfLiteTensor
import org.bytedeco.tensorflowlite.global.tensorflowlite
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.MappedByteBuffer
import org.bytedeco.tensorflowlite.Interpreter as NativeInterpreter

/**
 * A test tool, never shipped: LiteRT's Interpreter on a desktop, with what the engine uses of it and no more, over TensorFlow
 * Lite's C++ classes (org.bytedeco:tensorflow-lite) with XNNPACK, as LiteRT has it. The test classes come first on the class
 * path, so this class is found in place of the Android library's. It is as strict as that one with the buffers it is given.
 */
class Interpreter(bytes: ByteBuffer, options: Options) : AutoCloseable {
    /** Of a new interpreter. */
    class Options {
        internal var threads = -1

        fun setNumThreads(threads: Int): Options = apply { this.threads = threads }
    }

    init {
        require(bytes is MappedByteBuffer || (bytes.isDirect && bytes.order() == ByteOrder.nativeOrder())) {
            "Model ByteBuffer should be either a MappedByteBuffer of the model file, or a direct ByteBuffer using ByteOrder.nativeOrder()"
        }
    }

    // Native code reads these for as long as it lives; the collector must not take them.
    private val model = FlatBufferModel.BuildFromBuffer(BytePointer(bytes), bytes.capacity().toLong())
    private val resolver = BuiltinOpResolverWithXNNPACK()
    private val native = NativeInterpreter(null as Pointer?)

    init {
        require(model != null && !model.isNull) { "The model is not a valid Flatbuffer buffer" }
        InterpreterBuilder(model, resolver).use { builder ->
            builder.SetNumThreads(options.threads)
            check(builder.apply(native), "Cannot create interpreter")
        }
        allocateTensors()
    }

    val inputTensorCount: Int get() = native.inputs().limit().toInt()
    val outputTensorCount: Int get() = native.outputs().limit().toInt()

    fun getInputTensor(position: Int): Tensor = tensor(native.inputs().get(position.toLong()))

    fun getOutputTensor(position: Int): Tensor = tensor(native.outputs().get(position.toLong()))

    fun getSignatureInputs(key: String): Array<String> {
        val names = ArrayList<String>()
        val inputs = native.signature_inputs(key)
        var at = inputs.begin()
        while (!at.equals(inputs.end())) { // the native comparison; != would compare addresses
            names.add(at.first())
            at = at.increment()
        }
        require(names.isNotEmpty()) { "Signature $key does not exist" }
        return names.toTypedArray()
    }

    fun getInputTensorFromSignature(name: String, key: String): Tensor = tensor(native.signature_inputs(key).get(name))

    fun resizeInput(position: Int, dims: IntArray) =
        check(native.ResizeInputTensor(native.inputs().get(position.toLong()), dims), "Failed to resize input $position")

    fun allocateTensors() = check(native.AllocateTensors(), "Unexpected failure when preparing tensor allocations")

    fun runForMultipleInputsOutputs(inputs: Array<Any>, outputs: Map<Int, Any>) {
        for ((position, buffer) in inputs.withIndex()) {
            memory(getInputTensor(position), native.input_tensor(position.toLong())).put(checked(getInputTensor(position), buffer))
        }
        check(native.Invoke(), "Internal error: Failed to run on the given Interpreter")
        for ((position, buffer) in outputs) {
            checked(getOutputTensor(position), buffer).put(memory(getOutputTensor(position), native.output_tensor(position.toLong())))
        }
    }

    /** The Android library compares the capacity, too, and reads a buffer in place only where it is direct and of native order. */
    private fun checked(tensor: Tensor, buffer: Any): ByteBuffer {
        require(buffer is ByteBuffer && buffer.isDirect && buffer.order() == ByteOrder.nativeOrder()) { "not a direct, native buffer" }
        require(buffer.capacity() == tensor.numBytes()) {
            "Cannot copy between a TensorFlowLite tensor with ${tensor.numBytes()} bytes and a Java Buffer with ${buffer.capacity()} bytes."
        }
        return buffer.duplicate().apply { rewind() }
    }

    private fun memory(tensor: Tensor, native: TfLiteTensor): ByteBuffer =
        BytePointer(native.data().raw()).limit(tensor.numBytes().toLong()).asByteBuffer()

    override fun close() = native.close()

    private fun tensor(index: Int) = StandInTensor(index, native.tensor(index))

    private fun check(status: Int, message: String) {
        require(status == tensorflowlite.kTfLiteOk) { message }
    }
}
