package dev.pocketbert.artifact

import java.nio.ByteBuffer

/** Field 15000 with wire type 2: what an ONNX parser steps over. */
private val FIELD = byteArrayOf(0xC2.toByte(), 0xA9.toByte(), 0x07)

private const val MAX_NAMES = 300 // characters
private const val TAKE = "Take a file that `pocketbert export` made."
private val ZIP = byteArrayOf('P'.code.toByte(), 'K'.code.toByte(), 3, 4)

/** The container that the file's first bytes belong to, or null (docs/artifact.md section 1). */
internal fun containerOf(file: ByteBuffer): Container? = Container.entries.find { it.begins(file) }

/** Says what a file without a seal is, and what to do. */
internal fun notSealed(file: ByteBuffer): String {
    if (file.limit() == 0) return "the file is empty. $DAMAGED"
    val container = containerOf(file) ?: return "there is no seal at the end of the file: it is no model file. $TAKE"
    return "there is no seal at the end of the file: it is a plain .${container.extension} file without a tokenizer inside, or was " +
        "cut off. $TAKE"
}

/** What to say of a refused file that is another kind of thing altogether; null where there is nothing better to say. */
internal fun otherKind(file: ByteBuffer): String? =
    if (file.holds(0, ZIP)) "this is an ordinary zip archive, or an app or document made of one, and no model file. $TAKE" else null

/** First bytes, place of the seal, and hash of the compute bytes. */
internal fun checkContainer(file: ByteBuffer, zipStart: Int, manifest: Manifest) {
    val (container, compute) = manifest.container to manifest.compute
    if (!container.begins(file)) throw ArtifactException("the compute bytes are no ${container.extension} file. $DAMAGED")
    val header = if (container == Container.ONNX) fieldHeader(file.limit() - zipStart) else ByteArray(0)
    if (compute.size.toLong() + header.size != zipStart.toLong() || !file.holds(compute.size, header)) {
        throw ArtifactException("the compute bytes do not end where the seal begins. $DAMAGED")
    }
    val found = file.part(0, compute.size).sha256()
    if (found != compute.sha256) throw ArtifactException("the compute bytes differ from their SHA-256 in $MANIFEST. $DAMAGED")
}

/** The manifest names exactly the entries that are there, with their sizes and hashes. */
internal fun checkEntries(parts: Map<String, ByteBuffer>, manifest: Manifest) {
    if (parts.keys != manifest.entries.keys) {
        val odd = (parts.keys union manifest.entries.keys) - (parts.keys intersect manifest.entries.keys)
        val named = shortened(odd.sorted().joinToString(), MAX_NAMES)
        throw ArtifactException("the seal holds other entries than $MANIFEST names: $named. $DAMAGED")
    }
    for ((name, bytes) in parts) {
        val digest = manifest.entries.getValue(name)
        if (bytes.limit() != digest.size || bytes.sha256() != digest.sha256) {
            throw ArtifactException("the bytes of $name differ from their SHA-256 in $MANIFEST. $DAMAGED")
        }
    }
}

private fun Container.begins(file: ByteBuffer): Boolean = when (this) {
    Container.PTE -> file.holds(4, "ET12".toByteArray())
    Container.TFLITE -> file.holds(4, "TFL3".toByteArray())
    Container.ONNX -> file.holds(0, byteArrayOf(8))
}

/** Key and minimal varint of the length of the zip that follows. */
private fun fieldHeader(length: Int): ByteArray {
    val bytes = FIELD.toMutableList()
    var rest = length
    while (rest >= 0x80) {
        bytes += (rest and 0x7f or 0x80).toByte()
        rest = rest ushr 7
    }
    bytes += rest.toByte()
    return bytes.toByteArray()
}
