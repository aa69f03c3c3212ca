package dev.pocketbert.app

import android.content.Context
import dev.pocketbert.bench.BenchRecord
import dev.pocketbert.bench.toJson
import java.io.File
import java.io.IOException

/** Where records lie: `adb exec-out run-as dev.pocketbert.app cat files/bench/intents.pte.json` reads one of a debug build. */
internal fun records(context: Context): File = File(context.filesDir, "bench")

/** Where `adb pull` finds the same without run-as; null where the phone has no shared storage now. */
internal fun sharedRecords(context: Context): File? = context.getExternalFilesDir("bench")

/**
 * A record that was written.
 *
 * @property own in the app's folder.
 * @property shared in the shared storage; null where that was not to be written to.
 */
internal class Kept(val own: File, val shared: File?)

/** Writes a record, in place of the one before of a model of the same name. */
internal fun keep(context: Context, record: BenchRecord): Kept {
    val json = record.toJson().toByteArray()
    val own = File(records(context), "${record.name}.json")
    write(own, json)
    val shared = sharedRecords(context)?.let { File(it, own.name) }
    return try {
        Kept(own, shared?.also { write(it, json) })
    } catch (_: IOException) { // full, or taken out: the measurement and its record are whole all the same
        Kept(own, null)
    }
}

/** Whoever reads it meanwhile has the old one or the new one, never a part. */
private fun write(file: File, bytes: ByteArray) {
    val folder = requireNotNull(file.parentFile)
    folder.mkdirs()
    val part = File.createTempFile("record", ".part", folder)
    try {
        part.writeBytes(bytes)
        if (!part.renameTo(file)) throw IOException("${part.path} cannot be renamed to ${file.name}")
    } finally {
        part.delete()
    }
}
