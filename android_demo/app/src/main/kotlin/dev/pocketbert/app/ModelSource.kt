package dev.pocketbert.app

import android.content.Context
import android.net.Uri
import dev.pocketbert.PocketBert
import java.io.File

/** Where a model comes from. */
internal sealed interface ModelSource {
    /** For people, and of the record. */
    val name: String

    /** Names the source in saved state and between this app's activities. */
    val key: String

    /** Opens it in its runtime; throws [dev.pocketbert.artifact.ArtifactException] with words for people. */
    fun open(context: Context): PocketBert

    data class Asset(val path: String) : ModelSource {
        override val name get() = path.substringAfterLast('/')
        override val key get() = "asset:$path"

        override fun open(context: Context) = PocketBert.open(context, path)
    }

    /** In a folder of this app, where `adb push` puts it. */
    data class AppFile(val file: File) : ModelSource {
        override val name: String get() = file.name
        override val key get() = "file:${file.path}"

        override fun open(context: Context) = PocketBert.open(file)
    }

    /** Picked in the system's file dialogue. */
    data class Picked(val uri: Uri, override val name: String) : ModelSource {
        override val key get() = "uri:$uri"

        override fun open(context: Context) = PocketBert.open(context, uri)
    }
}
