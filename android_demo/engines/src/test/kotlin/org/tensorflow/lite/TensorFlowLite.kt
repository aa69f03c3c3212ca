package org.tensorflow.lite

import org.bytedeco.tensorflowlite.global.tensorflowlite

/** A test tool, see [Interpreter]. */
class TensorFlowLite private constructor() {
    companion object {
        /** Of the desktop library. */
        @JvmStatic
        fun runtimeVersion(): String = tensorflowlite.TfLiteVersion().string
    }
}
