package dev.pocketbert.app

import android.content.ContentProvider
import android.content.ContentResolver
import android.content.ContentValues
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException

/** Lends a record, read-only, to the app that the user shares it with. */
class RecordProvider : ContentProvider() {
    override fun onCreate() = true

    override fun getType(uri: Uri) = MEDIA_TYPE

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (mode != "r") throw FileNotFoundException("records can be read only")
        return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun query(
        uri: Uri,
        projection: Array<out String>?,
        selection: String?,
        selectionArgs: Array<out String>?,
        sortOrder: String?,
    ): Cursor {
        val file = file(uri)
        val told = linkedMapOf<String, Any>(OpenableColumns.DISPLAY_NAME to file.name, OpenableColumns.SIZE to file.length())
        val columns = projection?.filter { it in told } ?: told.keys.toList()
        return MatrixCursor(columns.toTypedArray()).apply { addRow(columns.map { told[it] }) }
    }

    override fun insert(uri: Uri, values: ContentValues?) = throw UnsupportedOperationException(READ_ONLY)

    override fun update(uri: Uri, values: ContentValues?, selection: String?, selectionArgs: Array<out String>?) =
        throw UnsupportedOperationException(READ_ONLY)

    override fun delete(uri: Uri, selection: String?, selectionArgs: Array<out String>?) = throw UnsupportedOperationException(READ_ONLY)

    /** Only what lies in the folder of records: the name is looked for there, never put together to a path. */
    private fun file(uri: Uri): File {
        val name = uri.pathSegments.singleOrNull()
        val all = context?.let { records(it).listFiles() }.orEmpty()
        return all.find { it.isFile && it.name == name } ?: throw FileNotFoundException("no record $name")
    }

    companion object {
        const val MEDIA_TYPE = "application/json"
        private const val AUTHORITY = "dev.pocketbert.app.records"
        private const val READ_ONLY = "records can be read only"

        fun uri(record: File): Uri {
            val all = Uri.Builder().scheme(ContentResolver.SCHEME_CONTENT).authority(AUTHORITY)
            return all.appendPath(record.name).build()
        }
    }
}
