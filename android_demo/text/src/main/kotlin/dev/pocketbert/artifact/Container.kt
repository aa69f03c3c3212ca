package dev.pocketbert.artifact

/** docs/artifact.md section 1: whose compute bytes a file starts with. */
enum class Container(val extension: String, val runtime: String) {
    PTE("pte", "executorch"),
    TFLITE("tflite", "litert"),
    ONNX("onnx", "onnxruntime"),
}
