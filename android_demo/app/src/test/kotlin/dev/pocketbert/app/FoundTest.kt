package dev.pocketbert.app

import android.net.Uri
import dev.pocketbert.PocketBert
import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.ArtifactException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File
import java.io.IOException
import java.io.InputStream

/** Copies that the library makes of assets and picked files, up to where a runtime would open them. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class FoundTest {
    private val context = RuntimeEnvironment.getApplication()
    private val ofAssets = File(context.codeCacheDir, "pocketbert")
    private val ofPicked = File(context.cacheDir, "pocketbert")
    private val uri = Uri.parse("content://cloud/films/7")

    private fun pick(stream: () -> InputStream): File {
        shadowOf(context.contentResolver).registerInputStreamSupplier(uri, stream)
        return PocketBert.file(context, uri)
    }

    private fun message(call: () -> Unit): String = assertThrows(ArtifactException::class.java) { call() }.message.orEmpty()

    private fun refused(stream: () -> InputStream): String =
        message { pick(stream) }.also { assertEquals("no part is left", emptyList<String>(), ofPicked.list().orEmpty().toList()) }

    private fun leave(folder: File, name: String, age: Long): File {
        folder.mkdirs()
        return File(folder, name).apply { writeText("x") }.also { assertTrue(it.setLastModified(System.currentTimeMillis() - age)) }
    }

    @Test
    fun `an asset is copied once, and again where the copy is damaged`() {
        val whole = Fixtures.file("small.onnx").readBytes()
        val file = PocketBert.file(context, ASSET)
        assertEquals(ofAssets, file.parentFile)
        assertEquals("${Artifact.read(file).sha256}.onnx", file.name)
        assertTrue(file.readBytes().contentEquals(whole))

        val abandoned = leave(ofAssets, "copy1.part", 2 * MINUTE) // goes with the next copy
        assertEquals(file, PocketBert.file(context, ASSET))
        assertTrue("the kept copy is used", abandoned.exists())

        file.writeBytes(whole.copyOf().also { it[whole.size / 2]++ })
        assertEquals(file, PocketBert.file(context, ASSET))
        assertTrue(file.readBytes().contentEquals(whole))
        assertFalse(abandoned.exists())
    }

    @Test
    fun `a kept copy counts as used, and one long unused goes`() {
        Fixtures.file("small.onnx")
        val file = PocketBert.file(context, ASSET)
        assertTrue(file.setLastModified(System.currentTimeMillis() - 8 * DAY))
        PocketBert.file(context, ASSET)
        assertTrue(System.currentTimeMillis() - file.lastModified() < DAY)

        val names = listOf("a.pte" to 6 * DAY, "b.pte" to 8 * DAY).map { (name, age) -> leave(ofAssets, name, age) }
        file.delete()
        PocketBert.file(context, ASSET)
        assertEquals(listOf(true, false), names.map { it.exists() })
    }

    @Test
    fun `a picked file takes the place of older ones`() {
        val small = Fixtures.file("small.pte")
        val old = leave(ofPicked, "old.pte", 20 * MINUTE)
        val future = leave(ofPicked, "future.onnx", -20 * MINUTE) // the clock was set back since
        val now = leave(ofPicked, "now.pte", 0) // of another process, which is about to open it
        val parts = listOf(leave(ofPicked, "copy1.part", 2 * MINUTE), leave(ofPicked, "copy2.part", 0))
        val file = pick(small::inputStream)
        assertEquals("${Artifact.read(small).sha256}.pte", file.name)
        assertTrue(file.readBytes().contentEquals(small.readBytes()))
        assertEquals(listOf(false, false, true), listOf(old, future, now).map { it.exists() })
        assertEquals(listOf(false, true), parts.map { it.exists() })
    }

    @Test
    fun `a film is given up after half a GiB`() {
        var given = 0L
        val film = object : InputStream() {
            override fun read() = 0

            override fun read(buffer: ByteArray, offset: Int, length: Int) = length.also { given += it }
        }
        assertEquals("7: this is no model for a phone: it has more than 512 MiB.", refused { film })
        assertTrue("$given", given <= (513L shl 20))
    }

    @Test
    fun `what a source says while it is read is told from a full storage`() {
        val offline = object : InputStream() {
            override fun read(): Int = throw IOException("no network")
        }
        assertTrue(refused { offline }.startsWith("7: the file cannot be read to its end: no network. Where it lies in a cloud"))
        val broken = object : InputStream() {
            override fun read(): Int = throw IllegalStateException("broken")
        }
        assertTrue(refused { broken }.startsWith("7: the file cannot be read to its end: broken."))
        assertEquals(
            "7: the app that keeps the file failed to hand it out: no account. Pick it again.",
            refused { throw IllegalStateException("no account") },
        )
        assertTrue("pocketbert" in refused { "no model".byteInputStream() })

        ofPicked.deleteRecursively()
        ofPicked.writeText("a file where the folder would be")
        assertTrue(message { pick { "no model".byteInputStream() } }.contains("cannot be copied to ${ofPicked.path}: "))
    }

    @Test
    fun `an asset that is not there`() {
        val missing = message { PocketBert.file(context, "nowhere.pte") }
        assertTrue(missing, "there is no such asset" in missing && "models" in missing)
    }

    private companion object {
        const val ASSET = "models/small.onnx"
        const val MINUTE = 60_000L
        const val DAY = 24 * 60 * MINUTE
    }
}
