package dev.pocketbert.engines

import java.io.File

/** A test tool: loads Android's x86-64 libraries into this machine's Java, over the stand-ins of tools/android/bionic_shim.py. */
internal object Bionic {
    private val standIns = listOf("libbionic_core.so", "libc.so", "libm.so", "libdl.so", "liblog.so", "libandroid.so")
    private val libraries = listOf("libc++_shared.so", "libfbjni.so", "libexecutorch.so")

    /** @param folder what bionic_shim.py made; `java.library.path` must name it too: ExecuTorch's classes load the library by name. */
    fun load(folder: File) {
        standIns.forEach { System.load(File(folder, it).absolutePath) }
        for (library in libraries) {
            open(File(folder, library).absolutePath)?.let { throw UnsatisfiedLinkError(it) }
        }
    }

    /** dlopen with RTLD_DEEPBIND, which System.load cannot; gives dlerror's text, or null where it worked. */
    @JvmStatic
    private external fun open(path: String): String?
}
