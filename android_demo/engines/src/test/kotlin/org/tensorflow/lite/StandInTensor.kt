package org.tensorflow.lite

import org.bytedeco.tensorflowlite.TfLiteTensor
import org.bytedeco.tensorflowlite.global.tensorflowlite
import java.nio.ByteBuffer

/** A test tool, see [Interpreter]: what the engine asks a tensor. */
internal class StandInTensor(private val index: Int, private val native: TfLiteTensor) : Tensor {
    override fun index(): Int = index

    override fun shape(): IntArray = IntArray(native.dims().size()) { native.dims().data(it) }

    override fun numBytes(): Int = native.bytes().toInt()

    override fun dataType(): DataType =
        when (native.type()) {
            tensorflowlite.kTfLiteFloat32 -> DataType.FLOAT32
            tensorflowlite.kTfLiteInt32 -> DataType.INT32
            tensorflowlite.kTfLiteInt64 -> DataType.INT64
            else -> error("type ${native.type()} is not known to the stand-in")
        }

    override fun numDimensions(): Int = shape().size

    override fun numElements(): Int = shape().fold(1, Int::times)

    override fun name(): String = native.name().string

    override fun shapeSignature(): IntArray = throw UnsupportedOperationException()

    override fun quantizationParams(): Tensor.QuantizationParams = throw UnsupportedOperationException()

    override fun asReadOnlyBuffer(): ByteBuffer = throw UnsupportedOperationException()
}
