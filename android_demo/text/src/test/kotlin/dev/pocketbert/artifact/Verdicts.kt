package dev.pocketbert.artifact

import dev.pocketbert.task.Task
import java.io.BufferedInputStream
import java.io.DataInputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest

/**
 * Reads files from stdin, each behind its length as a big-endian u32, and prints a line a file: `refused` and the message, or
 * `read` and all that the file says. The Python tests print the same lines of their reader and compare.
 */
fun main() {
    val input = DataInputStream(BufferedInputStream(System.`in`, 1 shl 20))
    val out = System.out.bufferedWriter()
    while (true) {
        val size = input.read().let { if (it < 0) null else (it shl 24) or (input.readUnsignedByte() shl 16) or input.readUnsignedShort() }
        val bytes = ByteArray(size ?: break).also { input.readFully(it) }
        out.write(verdict(bytes).replace('\n', ' ').replace('\r', ' ') + "\n")
    }
    out.flush()
}

private fun verdict(bytes: ByteArray): String = try {
    val artifact = Artifact.read(ByteBuffer.wrap(bytes))
    "read " + said(artifact)
} catch (refused: ArtifactException) {
    "refused " + refused.message
} catch (broken: Throwable) { // an error of the reader itself, which no file may bring about
    "broken " + broken.stackTraceToString()
}

private fun said(artifact: Artifact): String {
    val manifest = artifact.manifest
    val said = linkedMapOf<String, Any?>()
    said["file"] = artifact.sha256
    said["minor"] = manifest.minor
    said["container"] = manifest.container.extension
    said["compute"] = "${manifest.compute.size}:${manifest.compute.sha256}"
    said["compute_found"] = artifact.bytes.part(0, manifest.compute.size).sha256()
    said["entries"] = manifest.entries.toSortedMap().map { (name, digest) -> "$name:${digest.size}:${digest.sha256}" }.joinToString(",")
    said["entries_found"] = manifest.entries.keys.sorted().joinToString(",") { artifact.entry(it)!!.sha256() }
    said["task"] = task(manifest.task)
    said["output"] = "${hex(manifest.output.name)}:${manifest.output.kind.name.lowercase()}:${manifest.output.size}"
    said["lengths"] = when (val lengths = manifest.lengths) {
        is Lengths.Exact -> "${lengths.min}-${lengths.max}"
        is Lengths.Static -> lengths.lengths.joinToString(",")
    }
    said["vocabulary_size"] = manifest.vocabularySize
    said["recipe"] = hex(manifest.quantization)
    said["tokenizer"] = manifest.tokenizer.run { "${hex(kind)}:$specialTokensInText:$maxLength:$padId" }
    said["wordpiece"] = manifest.tokenizer.wordPiece?.run { "$clsId:$sepId:$unkId:${hex(prefix)}:$maxCharacters" }
    said["least_version"] = manifest.leastRuntime
    said["metrics"] = manifest.metrics.map { (name, value) -> "${hex(name)}:${bits(value)}" }.sorted().joinToString(",")
    said["reproducibility"] = artifact.golden.reproducibility.let { "${bits(it.typical)}:${bits(it.largest)}" }
    said["vectors"] = vectors(artifact.golden)
    return said.entries.joinToString(" ") { (key, value) -> "$key=$value" }
}

private fun task(task: Task): String = when (task) {
    is Task.Classification -> "classification:${task.pair}:${task.labels.joinToString(",") { hex(it) }}"
    is Task.Regression -> "regression:${task.pair}:${hex(task.unit)}:${task.low?.let(::bits)}:${task.high?.let(::bits)}"
}

private fun vectors(golden: Golden): String {
    val digest = MessageDigest.getInstance("SHA-256")
    for (vector in golden.vectors) {
        digest.update(hex(vector.texts.joinToString("\n")).toByteArray())
        val numbers = vector.ids.toList() + vector.types.toList() + (vector.student + vector.output).map { it.toRawBits() }
        val packed = ByteBuffer.allocate(4 * numbers.size).order(ByteOrder.LITTLE_ENDIAN)
        numbers.forEach { packed.putInt(it) }
        digest.update(packed.array())
    }
    return golden.vectors.size.toString() + ":" + digest.digest().joinToString("") { "%02x".format(it) }
}

private fun bits(number: Double): String = "%016x".format(number.toRawBits())

private fun hex(text: String): String = text.toByteArray().joinToString("") { "%02x".format(it) }
