package dev.pocketbert

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import java.io.File
import java.io.FileInputStream
import java.io.FileOutputStream
import java.io.IOException
import java.io.InputStream
import java.nio.channels.FileChannel
import kotlin.math.abs

/** A larger file than models for phones is not copied: the dialogue lets people pick films, too. */
private const val LARGEST_COPY = 512L shl 20

/** A part that has not grown for so long belongs to a process that was killed; milliseconds. */
private const val PART_ABANDONED = 60_000L

/**
 * Copies of sealed files, each named after its hash.
 *
 * @param keptFor milliseconds for which a copy is left alone after its last use; each new copy ends the time of older ones.
 */
internal class Copies(private val folder: File, private val keptFor: Long) {
    /** The copy of [artifact] where there is one. It is asked for its own seal: it has lain in a file since. */
    fun kept(artifact: Artifact): Found? {
        val file = fileOf(artifact)
        val copy =
            try {
                if (file.exists()) read(file) else null
            } catch (_: ArtifactException) {
                null // damaged: it is made anew
            }
        if (copy?.sha256 != artifact.sha256) return null
        file.setLastModified(System.currentTimeMillis())
        return copy?.let { Found(it, file) }
    }

    /** Copies what [open] gives, a sealed file that [check] has nothing against; a copy that cannot be made leaves no part. */
    fun add(open: () -> InputStream, check: (Artifact) -> Unit = {}): Found =
        try {
            folder.mkdirs()
            val part = File.createTempFile("copy", ".part", folder)
            try {
                copy(open, part)
                val artifact = read(part).also(check)
                val file = fileOf(artifact)
                if (!part.renameTo(file)) throw IOException("${part.name} cannot be renamed to ${file.name}")
                clear(file)
                Found(artifact, file) // its mapping goes on, whatever the name
            } finally {
                part.delete()
            }
        } catch (error: IOException) {
            throw ArtifactException("the file cannot be copied to ${folder.path}: ${error.message}; is there room on the device?", error)
        }

    private fun fileOf(artifact: Artifact) = File(folder, "${artifact.sha256}.${artifact.manifest.container.extension}")

    /** Another process of the app may be writing or about to open what is new. A clock that was set back makes nothing new. */
    private fun clear(but: File) {
        val now = System.currentTimeMillis()
        for (old in folder.listFiles().orEmpty()) {
            val left = if (old.name.endsWith(".part")) PART_ABANDONED else keptFor
            if (old != but && abs(now - old.lastModified()) > left) old.delete()
        }
    }
}

private fun copy(open: () -> InputStream, part: File) {
    FileOutputStream(part).use { to ->
        val from = reading(open)
        try {
            copyBounded(from, to)
        } finally {
            runCatching { from.close() } // all of it has been read, or an error is on its way
        }
        to.fd.sync() // before it gets its name: a name stands for a whole file
    }
}

private fun copyBounded(from: InputStream, to: FileOutputStream) {
    val buffer = ByteArray(1 shl 16)
    var size = 0L
    while (true) {
        val read = reading { from.read(buffer) }
        if (read < 0) break
        size += read
        if (size > LARGEST_COPY) throw ArtifactException("this is no model for a phone: it has more than ${LARGEST_COPY shr 20} MiB.")
        to.write(buffer, 0, read)
    }
}

/** What fails here is the source, such as a file in a cloud without a network, and not the device's storage. */
private inline fun <T> reading(read: () -> T): T =
    try {
        read()
    } catch (error: ArtifactException) {
        throw error
    } catch (error: IOException) {
        throw unreadable(error)
    } catch (error: RuntimeException) { // of the app that keeps the file
        throw unreadable(error)
    }

private fun unreadable(error: Exception) =
    ArtifactException(
        "the file cannot be read to its end: ${error.message ?: error}. Where it lies in a cloud, download it to the device first.",
        error,
    )

/** As Artifact.read, whose errors would name the copy instead of what was opened. */
private fun read(file: File): Artifact {
    val bytes =
        try {
            FileInputStream(file).channel.use { it.map(FileChannel.MapMode.READ_ONLY, 0, it.size()) }
        } catch (error: IOException) {
            throw ArtifactException("its copy on the device cannot be read: ${error.message}.", error)
        }
    return Artifact.read(bytes)
}
