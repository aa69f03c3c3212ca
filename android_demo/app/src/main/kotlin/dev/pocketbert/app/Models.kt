package dev.pocketbert.app

import android.content.ContentResolver
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.provider.OpenableColumns
import dev.pocketbert.app.ModelSource.AppFile
import dev.pocketbert.app.ModelSource.Asset
import dev.pocketbert.app.ModelSource.Picked
import dev.pocketbert.artifact.Container
import java.io.File

/** All models that there are now: of the app's assets, of its folders, picked ones. Reads folders: not on the main thread. */
internal fun models(context: Context): List<ModelSource> = ownModels(context) + picked(context)

/** Those that another app or `adb shell` may name: nothing outside the app's assets and folders is looked at. */
internal fun ownModels(context: Context): List<ModelSource> {
    val assets = listOf("", ASSETS).flatMap { folder ->
        val prefix = if (folder.isEmpty()) "" else "$folder/"
        context.assets.list(folder).orEmpty().filter { isModel(it) }.sorted().map { Asset(prefix + it) }
    }
    val folders = listOfNotNull(File(context.filesDir, FOLDER), context.getExternalFilesDir(FOLDER))
    val files = folders.flatMap { folder -> folder.listFiles().orEmpty().filter { it.isFile && isModel(it.name) }.sorted() }
    return assets.distinct() + files.map { AppFile(it) } // Android may list an asset twice
}

/** The files that the user has let this app read, for as long as the system keeps its word. */
private fun picked(context: Context): List<Picked> =
    context.contentResolver.persistedUriPermissions
        .filter { it.isReadPermission }
        .sortedBy { it.persistedTime }
        .map { Picked(it.uri, displayName(context.contentResolver, it.uri)) }

/** Has the system remember that this app may read [uri], which the user has just picked; the oldest are forgotten. */
internal fun keepPicked(context: Context, uri: Uri) {
    val resolver = context.contentResolver
    resolver.takePersistableUriPermission(uri, Intent.FLAG_GRANT_READ_URI_PERMISSION)
    val kept = resolver.persistedUriPermissions.sortedByDescending { it.persistedTime }
    for (old in kept.drop(PICKED_MOST)) {
        resolver.releasePersistableUriPermission(old.uri, Intent.FLAG_GRANT_READ_URI_PERMISSION)
    }
}

/** What its provider calls it; the end of its address where it does not answer. */
private fun displayName(resolver: ContentResolver, uri: Uri): String {
    val told = try {
        val row = resolver.query(uri, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)
        row?.use { if (it.moveToFirst()) it.getString(0) else null }
    } catch (_: RuntimeException) { // a provider of another app may throw what it likes
        null
    }
    return told ?: uri.lastPathSegment ?: uri.toString()
}

private fun isModel(name: String) = Container.entries.any { name.endsWith(".${it.extension}") }

private const val ASSETS = "models"
private const val FOLDER = "models"
private const val PICKED_MOST = 8
