package dev.pocketbert

import android.content.Context
import android.net.Uri
import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Container
import java.io.File
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** A file of another size than models for phones have is not copied: the dialogue lets people pick films, too. */
private const val LARGEST_COPY = 512L shl 20

/** An artifact, and the file in which it lies where it is one: an asset lies inside the app's archive. */
internal data class Found(val artifact: Artifact, val file: File?)

/** Maps an asset; a `.pte` is copied to a file. */
internal fun fromAsset(context: Context, asset: String): Found {
    val artifact = Artifact.read(mapAsset(context, asset))
    if (artifact.manifest.container != Container.PTE) return Found(artifact, null)
    val folder = File(context.codeCacheDir, "pocketbert") // emptied by the system when the app is updated
    val file = File(folder, "${artifact.sha256}.pte")
    // the copy is asked for its own seal: it has lain in a file since
    val kept = if (file.exists()) sealed(file) else null
    if (kept != null && kept.sha256 == artifact.sha256) return Found(kept, file)
    copy(folder, context.assets.open(asset)) { part ->
        val copied = read(part)
        if (copied.sha256 != artifact.sha256) throw ArtifactException("its copy in ${folder.path} is another file: try again.")
        move(part, file)
    }
    return Found(read(file), file)
}

/** Copies a picked file to the cache, whose content the system may delete when storage runs short. */
internal fun fromUri(context: Context, uri: Uri): Found {
    val folder = File(context.cacheDir, "pocketbert")
    val stream =
        try {
            context.contentResolver.openInputStream(uri)
        } catch (error: FileNotFoundException) {
            throw ArtifactException("the file is no longer there: pick it again.", error)
        } catch (error: SecurityException) {
            throw ArtifactException("this app may no longer read the file: pick it again.", error)
        } ?: throw ArtifactException("the app that keeps the file does not hand it out: save it to the device and pick it there.")
    val file =
        copy(folder, stream) { part ->
            val artifact = read(part)
            File(folder, "${artifact.sha256}.${artifact.manifest.container.extension}").also { move(part, it) }
        }
    return Found(read(file), file)
}

private fun mapAsset(context: Context, asset: String): ByteBuffer =
    try {
        context.assets.openFd(asset).use { descriptor ->
            FileInputStream(descriptor.fileDescriptor).channel.use {
                it.map(FileChannel.MapMode.READ_ONLY, descriptor.startOffset, descriptor.declaredLength)
            }
        }
    } catch (error: FileNotFoundException) {
        // the platform throws the same for an asset that is not there and for one that is compressed
        val isThere = runCatching { context.assets.open(asset).close() }.isSuccess
        val extension = asset.substringAfterLast('.')
        throw ArtifactException(
            if (isThere) {
                "the asset is compressed, so it cannot be mapped: add androidResources { noCompress += \"$extension\" } to " +
                    "android { … } in build.gradle.kts."
            } else {
                "there is no such asset; src/main/assets holds ${context.assets.list("").orEmpty().sorted()}."
            },
            error,
        )
    }

/** As Artifact.read, whose errors would name the copy instead of what was opened. */
private fun read(file: File): Artifact =
    FileInputStream(file).channel.use { Artifact.read(it.map(FileChannel.MapMode.READ_ONLY, 0, it.size())) }

private fun sealed(file: File): Artifact? =
    try {
        read(file)
    } catch (_: ArtifactException) {
        null
    }

/** Copies to a part of a file, which [then] moves to its place; whatever happens, no part is left. */
private fun <T> copy(folder: File, stream: InputStream, then: (File) -> T): T =
    try {
        folder.mkdirs()
        val part = File.createTempFile("copy", ".part", folder)
        try {
            stream.use { from -> FileOutputStream(part).use { copyBounded(from, it) } }
            then(part)
        } finally {
            part.delete()
        }
    } catch (error: IOException) {
        throw ArtifactException("the file cannot be copied to ${folder.path}: ${error.message}; is there room on the device?", error)
    }

private fun copyBounded(from: InputStream, to: FileOutputStream) {
    val buffer = ByteArray(1 shl 16)
    var size = 0L
    while (true) {
        val read = from.read(buffer)
        if (read < 0) break
        size += read
        if (size > LARGEST_COPY) throw ArtifactException("this is no model for a phone: it has more than ${LARGEST_COPY shr 20} MiB.")
        to.write(buffer, 0, read)
    }
    to.fd.sync() // before it gets its name: a name stands for a whole file
}

private fun move(part: File, file: File) {
    if (!part.renameTo(file)) throw IOException("${part.name} cannot be renamed to ${file.name}")
}
