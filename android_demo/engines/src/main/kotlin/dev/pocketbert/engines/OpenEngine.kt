package dev.pocketbert.engines

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Container
import java.io.File

/**
 * Opens a sealed file in its runtime.
 *
 * @param artifact the file; its seal has held before any runtime sees it.
 * @param file where exactly these bytes lie, readable; only a `.pte` needs it, the other runtimes take [Artifact.bytes].
 * @param threads of the runtime, at least 1; the same for every `.pte` that is open at a time.
 * Throws [ArtifactException] when the runtime is missing (it names the Gradle line), too old for the file, or refuses it.
 */
fun openEngine(artifact: Artifact, file: File?, threads: Int = 1): TextEngine {
    require(threads >= 1) { "threads must be at least 1, found $threads" }
    val container = artifact.manifest.container
    return linked(RuntimeLibrary.of(container), container) {
        when (container) {
            Container.PTE -> ExecuTorchEngine.open(artifact.manifest, requireNotNull(file) { "ExecuTorch opens files only" }, threads)
            Container.TFLITE -> LiteRtEngine.open(artifact.manifest, artifact.bytes, threads)
            Container.ONNX -> OnnxRuntimeEngine.open(artifact.manifest, artifact.bytes, threads)
        }
    }
}
