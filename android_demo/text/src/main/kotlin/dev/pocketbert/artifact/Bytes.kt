package dev.pocketbert.artifact

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction
import java.security.MessageDigest
import java.util.zip.CRC32

private const val CHUNK = 1 shl 16

/** The bytes from [from] to [to] (exclusive) as a read-only, little-endian view; nothing is copied. */
internal fun ByteBuffer.part(from: Int, to: Int): ByteBuffer {
    val view = duplicate()
    window(view, from, to)
    return view.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN)
}

/** Strict UTF-8: what is not is refused, where Java's `String` would put replacement characters in. */
internal fun ByteBuffer.utf8(name: String): String {
    val decoder = Charsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
    try {
        return decoder.onUnmappableCharacter(CodingErrorAction.REPORT).decode(part(0, limit())).toString()
    } catch (broken: CharacterCodingException) {
        throw ArtifactException("$name is not UTF-8. $DAMAGED", broken)
    }
}

/** SHA-256 of all bytes from 0 to the limit, in lower-case hex. */
internal fun ByteBuffer.sha256(): String {
    val digest = MessageDigest.getInstance("SHA-256")
    chunks { bytes, count -> digest.update(bytes, 0, count) }
    return hex(digest.digest())
}

/** CRC-32 of all bytes from 0 to the limit. */
internal fun ByteBuffer.crc32(): Long {
    val sum = CRC32()
    chunks { bytes, count -> sum.update(bytes, 0, count) }
    return sum.value
}

/** Whether the bytes at [offset] are exactly [expected]; false where they would end past the limit. */
internal fun ByteBuffer.holds(offset: Int, expected: ByteArray): Boolean =
    offset >= 0 && offset + expected.size.toLong() <= limit() && expected.indices.all { get(offset + it) == expected[it] }

private fun ByteBuffer.chunks(take: (ByteArray, Int) -> Unit) {
    val view = part(0, limit())
    val chunk = ByteArray(minOf(CHUNK, limit()))
    while (view.hasRemaining()) {
        val count = minOf(chunk.size, view.remaining())
        view.get(chunk, 0, count)
        take(chunk, count)
    }
}

// Declared for Buffer: ByteBuffer's own position and limit, which a newer JDK would call, are not there before API 28.
private fun window(buffer: Buffer, from: Int, to: Int) {
    buffer.limit(to)
    buffer.position(from)
}

private fun hex(bytes: ByteArray): String {
    val digits = "0123456789abcdef"
    return buildString(2 * bytes.size) {
        for (byte in bytes) append(digits[byte.toInt() shr 4 and 15]).append(digits[byte.toInt() and 15])
    }
}
