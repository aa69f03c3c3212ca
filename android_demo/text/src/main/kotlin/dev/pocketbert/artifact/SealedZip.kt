package dev.pocketbert.artifact

import java.nio.ByteBuffer
import java.nio.ByteOrder

internal const val MANIFEST = "manifest.json"
internal const val VOCABULARY = "vocab.txt"
internal const val NORMALIZER = "normalizer.bin"
internal const val DAMAGED = "The file is damaged: copy it anew, or export the model again."

private const val LOCAL = 30
private const val CENTRAL = 46
private const val END = 22
private const val MAX_ENTRIES = 32
private const val MAX_ENTRY = 64L shl 20 // any other than these:
private val MAX_OF = mapOf(MANIFEST to (1L shl 20), NORMALIZER to (1L shl 20), GOLDEN to (8L shl 20), VOCABULARY to (8L shl 20))
private const val MAX_NAME = 64

/** The zip that is the seal (docs/artifact.md section 2): where it starts in the file, and views of its entries in their order. */
internal class SealedZip(val start: Int, val entries: Map<String, ByteBuffer>)

private class Listed(val name: String, val size: Long, val crc: Long, val offset: Long) {
    val dataStart get() = offset + LOCAL + name.length
    val end get() = dataStart + size
}

/** Reads the zip at the end of [file]; null where the file has no end record at all, so never was sealed or is cut off. */
internal fun readSealedZip(file: ByteBuffer): SealedZip? {
    val end = file.limit() - END
    if (end < 0 || !file.holds(end, signature(5, 6))) return null
    val count = file.u16(end + 10)
    val size = file.u32(end + 12)
    val first = file.u32(end + 16)
    if (count !in 1..MAX_ENTRIES) refuse("its directory names $count entries, and 1 to $MAX_ENTRIES are allowed")
    if (first + size != end.toLong()) refuse("its directory does not end at the end record")
    if (!file.holds(end, endRecord(count, size, first))) refuse("its end record is not the canonical one")
    val listed = directory(file, first, end, count)
    checkLayout(listed, first)
    val entries = listed.associate { it.name to file.part(it.dataStart.toInt(), it.end.toInt()) }
    if (entries.size != count) refuse("a name stands twice in its directory")
    var at = first.toInt()
    for (entry in listed) {
        if (!file.holds(entry.offset.toInt(), localHeader(entry))) refuse("the local header of \"${entry.name}\" is not the canonical one")
        if (!file.holds(at, centralHeader(entry))) refuse("the directory's line of \"${entry.name}\" is not the canonical one")
        at += CENTRAL + entry.name.length
        if (entries.getValue(entry.name).crc32() != entry.crc) refuse("the bytes of \"${entry.name}\" differ from their CRC-32")
    }
    return SealedZip(listed[0].offset.toInt(), entries)
}

private fun directory(file: ByteBuffer, first: Long, end: Int, count: Int): List<Listed> {
    var at = first
    val listed = List(count) {
        if (at + CENTRAL > end) refuse("its directory ends too early")
        val header = at.toInt()
        val length = file.u16(header + 28)
        if (length !in 1..MAX_NAME || at + CENTRAL + length > end) refuse("a name in its directory has $length characters")
        val name = String(CharArray(length) { file.get(header + CENTRAL + it).toInt().toChar() })
        if (name.any { it !in 'a'..'z' && it !in '0'..'9' && it !in "._-" }) refuse("its directory has the bad name \"$name\"")
        at += CENTRAL + length
        Listed(name, size = file.u32(header + 24), crc = file.u32(header + 16), offset = file.u32(header + 42))
    }
    if (at != end.toLong()) refuse("its directory has bytes that belong to no entry")
    return listed
}

private fun checkLayout(listed: List<Listed>, directory: Long) {
    if (listed[0].name != MANIFEST) refuse("its first entry is \"${listed[0].name}\" and not $MANIFEST")
    var next = listed[0].offset
    for (entry in listed) {
        val largest = MAX_OF[entry.name] ?: MAX_ENTRY
        if (entry.size > largest) refuse("\"${entry.name}\" has ${entry.size} bytes, and at most $largest are allowed")
        if (entry.offset != next) refuse("\"${entry.name}\" does not lie where the entry before it ends")
        next = entry.end
    }
    if (next != directory) refuse("\"${listed.last().name}\" does not end where the directory begins")
}

private fun localHeader(entry: Listed): ByteArray = little(LOCAL + entry.name.length) {
    put(signature(3, 4)).u16(20, 0, 0, 0, 33).u32(entry.crc, entry.size, entry.size).u16(entry.name.length, 0).name(entry.name)
}

private fun centralHeader(entry: Listed): ByteArray = little(CENTRAL + entry.name.length) {
    put(signature(1, 2)).u16(20, 20, 0, 0, 0, 33).u32(entry.crc, entry.size, entry.size)
    u16(entry.name.length, 0, 0, 0, 0).u32(0, entry.offset).name(entry.name)
}

private fun endRecord(count: Int, size: Long, first: Long): ByteArray = little(END) {
    put(signature(5, 6)).u16(0, 0, count, count).u32(size, first).u16(0)
}

private fun signature(third: Int, fourth: Int) = byteArrayOf('P'.code.toByte(), 'K'.code.toByte(), third.toByte(), fourth.toByte())

private fun little(size: Int, fill: ByteBuffer.() -> Unit): ByteArray =
    ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).apply(fill).array()

private fun ByteBuffer.u16(vararg values: Int): ByteBuffer = apply { for (value in values) putShort(value.toShort()) }

private fun ByteBuffer.u32(vararg values: Long): ByteBuffer = apply { for (value in values) putInt(value.toInt()) }

private fun ByteBuffer.name(value: String): ByteBuffer = apply { for (character in value) put(character.code.toByte()) }

private fun ByteBuffer.u16(at: Int): Int = getShort(at).toInt() and 0xffff

private fun ByteBuffer.u32(at: Int): Long = getInt(at).toLong() and 0xffffffffL

private fun refuse(what: String): Nothing = throw ArtifactException("the seal is not right: $what. $DAMAGED")
