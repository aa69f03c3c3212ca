package dev.pocketbert

import android.content.Context
import android.net.Uri
import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import dev.pocketbert.artifact.Container
import java.io.File
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** An artifact, and the file in which it lies where it is one: an asset lies inside the app's archive. */
internal data class Found(val artifact: Artifact, val file: File?)

/** Maps an asset; a `.pte` is copied to a file. */
internal fun fromAsset(context: Context, asset: String): Found {
    val artifact = Artifact.read(mapAsset(context, asset))
    return if (artifact.manifest.container == Container.PTE) copiedAsset(context, asset, artifact) else Found(artifact, null)
}

/** The copy of an asset; the one that is there already where it is whole. */
internal fun copiedAsset(
    context: Context,
    asset: String,
    artifact: Artifact = Artifact.read(mapAsset(context, asset)),
): Found {
    // Emptied by the system when the app is installed anew; an app with several models has its copies here side by side.
    val copies = Copies(File(context.codeCacheDir, "pocketbert"), keptFor = 7 * DAY)
    return copies.kept(artifact) ?: copies.add({ context.assets.open(asset) }) { copied ->
        if (copied.sha256 != artifact.sha256) throw ArtifactException("its copy on the device is another file: try again.")
    }
}

/** Copies a picked file to the cache, whose content the system may delete when storage runs short. */
internal fun fromUri(context: Context, uri: Uri): Found {
    // time enough for a runtime to open the copy; what is open stays readable after its name is gone
    val copies = Copies(File(context.cacheDir, "pocketbert"), keptFor = 10 * MINUTE)
    return copies.add({ picked(context, uri) })
}

private fun picked(context: Context, uri: Uri): InputStream =
    try {
        context.contentResolver.openInputStream(uri)
    } catch (error: FileNotFoundException) {
        throw ArtifactException("the file is no longer there: pick it again.", error)
    } catch (error: SecurityException) {
        throw ArtifactException("this app may no longer read the file: pick it again.", error)
    } catch (error: RuntimeException) { // the other app's own, carried over to this one
        throw ArtifactException("the app that keeps the file failed to hand it out: ${error.message ?: error}. Pick it again.", error)
    } ?: throw ArtifactException("the app that keeps the file does not hand it out: save it to the device and pick it there.")

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
    } catch (error: IOException) {
        throw ArtifactException("the asset cannot be mapped: ${error.message}.", error)
    }

private const val MINUTE = 60_000L // milliseconds
private const val DAY = 24 * 60 * MINUTE
