package dev.pocketbert.artifact

import dev.pocketbert.task.Task
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.ByteArrayOutputStream
import java.io.File
import java.nio.ByteBuffer
import java.nio.MappedByteBuffer
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream

class ArtifactTest {
    @Test
    fun `a file says what was sealed into it`(@TempDir folder: File) {
        val data = SealedFiles.file(more = """, "novelty": [null]""").array()
        val artifact = Artifact.read(File(folder, "intents.tflite").apply { writeBytes(data) })
        assertEquals(SealedFiles.sha256(data), artifact.sha256)
        assertEquals(Container.TFLITE, artifact.manifest.container)
        assertEquals(Task.Classification(listOf("alarm", "music"), pair = false), artifact.manifest.task)
        assertEquals(Lengths.Exact(2, 8), artifact.manifest.lengths)
        assertEquals(mapOf("accuracy" to 0.97), artifact.manifest.metrics)
        assertEquals("int8", artifact.manifest.quantization)
        assertEquals("2.1.0", artifact.manifest.leastRuntime)
        assertEquals("{}", artifact.entry("tokenizer.json")!!.utf8("tokenizer.json"))
        assertNull(artifact.entry("labels.txt"))
        assertEquals(64, artifact.golden.vectors.size)
        assertArrayEquals(floatArrayOf(1.5f, -2f), artifact.golden.vectors[63].output)
    }

    @Test
    fun `a file is mapped and handed out read-only from its start`(@TempDir folder: File) {
        val data = SealedFiles.file().array()
        val artifact = Artifact.read(File(folder, "intents.tflite").apply { writeBytes(data) })
        val bytes = artifact.bytes
        assertTrue(bytes is MappedByteBuffer && bytes.isReadOnly && bytes.position() == 0 && bytes.limit() == data.size)
        bytes.get()
        assertEquals(0, artifact.bytes.position())
    }

    @Test
    fun `bytes are read from position to limit`() {
        val data = SealedFiles.file().array()
        val padded = ByteBuffer.wrap(ByteArray(3) + data + ByteArray(5), 3, data.size)
        assertEquals(SealedFiles.sha256(data), Artifact.read(padded).sha256)
        assertEquals(3, padded.position())
    }

    @Test
    fun `a text becomes the graph's inputs`() {
        val artifact = Artifact.read(SealedFiles.file())
        val inputs = artifact.encode("wAke me at sixty. six six six")
        // A becomes a; of the longest, eight, two are for the frame
        assertArrayEquals(intArrayOf(2, 4, 5, 6, 7, 8, 9, 3), inputs.ids)
        assertArrayEquals(IntArray(8) { 1 }, inputs.mask)
        assertArrayEquals(IntArray(8), inputs.types)
        assertEquals("this model takes one text, not two.", refused { artifact.encode("a", "b") })
    }

    @Test
    fun `static lengths are padded to the smallest that fits`() {
        val artifact = Artifact.read(SealedFiles.file(lengths = """{"static": [8, 5]}"""))
        assertArrayEquals(intArrayOf(2, 4, 3, 0, 0), artifact.encode("wake").ids)
        assertArrayEquals(intArrayOf(1, 1, 1, 0, 0), artifact.encode("wake").mask)
        assertEquals(8, artifact.encode("wake me at six").length)
    }

    @Test
    fun `a pair has types`() {
        val vectors = SealedFiles.golden("\"wake\", \"me\"", listOf(2, 4, 3, 5, 3), listOf(0, 0, 0, 1, 1), "[1, 0]")
        val artifact = Artifact.read(SealedFiles.file(task = SealedFiles.CLASSIFICATION.replace("false", "true"), golden = vectors))
        assertArrayEquals(intArrayOf(0, 0, 0, 1, 1), artifact.encode("wake", "me").types)
        assertEquals("this model compares two texts: give both.", refused { artifact.encode("wake") })
    }

    @Test
    fun `inputs that would end a runtime's process are refused`() {
        val artifact = Artifact.read(SealedFiles.file())
        fun inputs(ids: IntArray, mask: IntArray = IntArray(ids.size) { 1 }, types: IntArray = IntArray(ids.size)) =
            refused { artifact.check(Inputs(ids, mask, types)) }
        artifact.check(Inputs(intArrayOf(2, 9, 3), intArrayOf(1, 1, 0), intArrayOf(0, 1, 1)))
        assertEquals("id 10 at position 1: the model has ids 0 to 9.", inputs(intArrayOf(2, 10)))
        assertEquals("id -1 at position 0: the model has ids 0 to 9.", inputs(intArrayOf(-1, 3)))
        assertEquals("1 tokens: the graph takes 2 to 8.", inputs(intArrayOf(2)))
        assertEquals("9 tokens: the graph takes 2 to 8.", inputs(IntArray(9)))
        for (mask in listOf(intArrayOf(0, 0), intArrayOf(0, 1), intArrayOf(1, 2), intArrayOf(2, 0), intArrayOf(1, -1))) {
            assertEquals("the mask must be ones, at least one, and then zeros.", inputs(intArrayOf(2, 3), mask = mask))
        }
        assertEquals("token types must be 0 or 1.", inputs(intArrayOf(2, 3), types = intArrayOf(0, 2)))
        assertEquals("ids, mask and types must have one length, not 2, 1 and 2.", inputs(intArrayOf(2, 3), mask = intArrayOf(1)))
    }

    @Test
    fun `other files get a message that helps`(@TempDir folder: File) {
        fun message(name: String, bytes: ByteArray) = refused { Artifact.read(File(folder, name).apply { writeBytes(bytes) }) }
        val plain = message("model.tflite", "\u0000\u0000\u0000\u0000TFL3".toByteArray() + ByteArray(500))
        assertTrue(
            "model.tflite: " in plain && "a plain .tflite file without a tokenizer" in plain && "`pocketbert export`" in plain,
            plain,
        )
        assertTrue("a plain .pte file" in message("model.pte", "\u0000\u0000\u0000\u0000ET12".toByteArray()))
        assertTrue("the file is empty" in message("empty.pte", ByteArray(0)))
        assertTrue("it is no model file" in message("notes.txt", "hello".toByteArray()))
        val zip = ByteArrayOutputStream()
        ZipOutputStream(zip).use {
            it.putNextEntry(ZipEntry("notes.txt"))
            it.write(1)
        }
        assertTrue("an ordinary zip archive" in message("notes.zip", zip.toByteArray()))
        val newer = SealedFiles.file(format = """{"name": "pocketbert", "major": 2, "minor": "x"}""").array()
        val future = message("future.tflite", newer)
        assertEquals(
            "future.tflite: the file has format 2, and this library reads format 1. It was made by a newer pocketbert: update this app.",
            future,
        )
        assertEquals("none.pte: no such file.", refused { Artifact.read(File(folder, "none.pte")) })
        assertEquals("${folder.name}: this is a folder. Give the .pte, .tflite or .onnx file in it.", refused { Artifact.read(folder) })
    }

    @Test
    fun `damage is named by its part`() {
        fun message(place: Int): String {
            val damaged = SealedFiles.file().array()
            damaged[place] = (damaged[place] + 1).toByte()
            return refused { Artifact.read(ByteBuffer.wrap(damaged)) }
        }
        val whole = String(SealedFiles.file().array(), Charsets.ISO_8859_1)
        assertTrue("the compute bytes differ" in message(12))
        assertTrue("\"golden.json\" differ" in message(whole.indexOf("wake me")))
        val listed = whole.lastIndexOf("vocab.txt")
        assertTrue("the directory's line of \"vocab.txt\"" in message(listed - 42))
        assertTrue("the local header of \"vocab.txt\"" in message(whole.lastIndexOf("vocab.txt", listed - 1) - 12))
    }

    @Test
    fun `names of one hash leave nothing behind in the parser`() {
        // "ab" and "bA" are the same to a hash that multiplies by 33
        val colliding = (0 until 512).map { i -> (0 until 9).joinToString("") { if (i shr it and 1 == 0) "ab" else "bA" } }
        val ordinary = (0 until 400).map { "f1 of the class $it" }
        for (names in listOf(colliding, ordinary)) {
            val more = names.joinToString(", ", """, "novelty": {""", "}") { "\"$it\": 1" }
            assertEquals(mapOf("accuracy" to 0.97), Artifact.read(SealedFiles.file(more = more)).manifest.metrics)
        }
    }

    @Test
    fun `a refusal needs no declaration to be caught from Java`() {
        assertTrue(RuntimeException::class.java.isAssignableFrom(ArtifactException::class.java))
    }

    @Test
    fun `tables that break a rule are refused before the file is given out`() {
        val table = SealedFiles.normalizer.copyOf().also { it[4] = 2 }
        val said = refused { Artifact.read(SealedFiles.file(normalizer = table)) }
        assertTrue("normalizer.bin has flags 2" in said, said)
        assertTrue("normalizer.bin ends" in refused { Artifact.read(SealedFiles.file(normalizer = table.copyOf(4))) })
    }

    @Test
    fun `a file whose tokenizer only the reference library has is refused`() {
        for (kind in listOf("unigram", "wordpiece")) {
            val said = refused { Artifact.read(SealedFiles.file(tokenizer = "\"kind\": \"$kind\"")) }
            assertTrue("the file's tokenizer (\"$kind\") runs in Hugging Face's own library only" in said, said)
        }
    }

    @Test
    fun `a text shorter than the graph takes is refused`() {
        val artifact = Artifact.read(SealedFiles.file(lengths = """{"min": 5, "max": 8}"""))
        assertEquals("3 tokens: the graph takes 5 to 8.", refused { artifact.encode("wake") })
        assertEquals(5, artifact.encode("wake me at").length)
    }

    @Test
    fun `unknown keys of golden json are checked though not kept`() {
        val golden = SealedFiles.golden("\"wake\"", listOf(2, 4, 3), List(3) { 0 }, "[1, 0]")
        fun read(novelty: String) = Artifact.read(SealedFiles.file(golden = golden.dropLast(1) + ", \"novelty\": $novelty}"))
        assertEquals(64, read("""[{"a": {"b": [1, null, "x", {}, []]}}, 2.5]""").golden.vectors.size)
        for (bad in listOf("""{"a": 1, "a": 2}""", "[1e999]", """{"\ud800": 1}""", "[1,]", "[1", "[".repeat(64) + "]".repeat(64))) {
            assertTrue("golden.json is not valid JSON" in refused { read(bad) }, bad)
        }
    }

    private fun refused(action: () -> Unit): String = assertThrows(ArtifactException::class.java) { action() }.message!!
}
