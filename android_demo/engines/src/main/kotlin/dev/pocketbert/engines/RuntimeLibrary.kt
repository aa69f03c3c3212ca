package dev.pocketbert.engines

import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Container

/**
 * The libraries that an app adds for the containers that it opens; none of them comes with this one.
 *
 * @property title as people know it.
 * @property coordinates what was compiled against and tested; gradle/libs.versions.toml names the same (a test holds them equal).
 * @property entryClass a class that is there exactly where the library is. consumer-rules.pro keeps its name.
 */
enum class RuntimeLibrary(val title: String, val coordinates: String, internal val entryClass: String) {
    EXECUTORCH("ExecuTorch", "org.pytorch:executorch-android:1.3.1", "org.pytorch.executorch.Module"),
    LITERT("LiteRT", "com.google.ai.edge.litert:litert:2.1.0", "org.tensorflow.lite.Interpreter"),
    ONNX_RUNTIME("ONNX Runtime", "com.microsoft.onnxruntime:onnxruntime-android:1.26.0", "ai.onnxruntime.OrtEnvironment"),
    ;

    /** The line for the `dependencies` block of the app's build.gradle.kts. */
    val gradleLine: String get() = "implementation(\"$coordinates\")"

    /** Whether the app carries the library. */
    val isThere: Boolean get() = classIsThere(entryClass)

    companion object {
        /** The library that runs a container. */
        fun of(container: Container): RuntimeLibrary =
            when (container) {
                Container.PTE -> EXECUTORCH
                Container.TFLITE -> LITERT
                Container.ONNX -> ONNX_RUNTIME
            }
    }
}

/**
 * Asked by name: the runtimes are optional, and some carry no version that could be asked instead. The class is found, not
 * initialized, so no native library is loaded.
 */
internal fun classIsThere(name: String): Boolean =
    try {
        Class.forName(name, false, RuntimeLibrary::class.java.classLoader)
        true
    } catch (_: ClassNotFoundException) {
        false
    }

/** Opens something of a runtime; what fails to link there becomes an error that names the line to add. */
internal inline fun <T> linked(library: RuntimeLibrary, container: Container, open: () -> T): T {
    if (!library.isThere) {
        throw ArtifactException(
            "a .${container.extension} file runs in ${library.title}, which this app does not carry: " +
                "add ${library.gradleLine} to the dependencies in build.gradle.kts.",
        )
    }
    return try {
        open()
    } catch (error: LinkageError) {
        throw ArtifactException(
            "${library.title} is in this app, but it does not work here: its native library is missing for this processor, or the " +
                "app carries another version of its classes ($error). Compare with ${library.gradleLine}.",
            error,
        )
    }
}
