package dev.pocketbert.artifact

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonParseException
import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.core.JsonToken
import com.fasterxml.jackson.core.StreamReadConstraints
import com.fasterxml.jackson.core.StreamReadFeature
import java.nio.ByteBuffer

private const val MAX_DEPTH = 64
private const val MAX_MESSAGE = 200 // characters; the parser's own messages quote whole names

// The entry's size bounds names, strings and numbers already. Names are not kept in the table that all parsers of a factory
// share: a file whose names have one hash would fill it, and be refused itself or have later files be refused.
private val factory = JsonFactory.builder()
    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
    .streamReadConstraints(
        StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(Int.MAX_VALUE)
            .maxNameLength(Int.MAX_VALUE)
            .maxStringLength(Int.MAX_VALUE)
            .build(),
    ).build()

/**
 * A JSON file as maps, lists, strings, booleans, [Long] for whole numbers ([Double] for those that do not fit), [Double], and null in
 * lists: a key whose value is null is left out (docs/artifact.md section 3).
 *
 * @param name of the entry, for messages.
 * @param known keys that are kept, at every level; others are checked too, and take no memory. Without it all are kept.
 */
internal fun readJson(bytes: ByteBuffer, name: String, known: Set<String>? = null): Any? = try {
    factory.createParser(bytes.utf8(name)).use { parser ->
        parser.nextToken()
        val value = parser.value(known)
        if (parser.nextToken() != null) throw ArtifactException("$name is not valid JSON: something stands behind its end. $DAMAGED")
        value
    }
} catch (broken: JsonProcessingException) {
    val where = broken.location?.let { " (line ${it.lineNr}, column ${it.columnNr})" }.orEmpty()
    throw ArtifactException("$name is not valid JSON: ${shortened(broken.originalMessage, MAX_MESSAGE)}$where. $DAMAGED", broken)
} catch (refused: ArtifactException) {
    throw refused
} catch (broken: RuntimeException) { // of the parser's own checks, which no file may bring about: still the file is what is refused
    throw ArtifactException("$name cannot be parsed: $broken. $DAMAGED", broken)
}

private fun JsonParser.value(known: Set<String>?): Any? = when (currentToken()) {
    JsonToken.START_OBJECT -> members(known)
    JsonToken.START_ARRAY -> items(known)
    JsonToken.VALUE_STRING -> scalars(text)
    JsonToken.VALUE_NUMBER_INT -> if (numberType == JsonParser.NumberType.BIG_INTEGER) finite() else longValue
    JsonToken.VALUE_NUMBER_FLOAT -> finite()
    JsonToken.VALUE_TRUE -> true
    JsonToken.VALUE_FALSE -> false
    JsonToken.VALUE_NULL -> null
    else -> throw JsonParseException(this, "it ends too early")
}

// Objects and lists of nothing, or of one thing, take two or three bytes of a file: here they must not take a hundred.
private fun JsonParser.members(known: Set<String>?): Map<String, Any> {
    val found = LinkedHashMap<String, Any>()
    while (nextToken() != JsonToken.END_OBJECT) {
        val key = scalars(currentName())
        nextToken()
        if (known == null || key in known) value(known)?.let { found[key] = it } else skip()
    }
    return if (found.isEmpty()) emptyMap() else found
}

private fun JsonParser.items(known: Set<String>?): List<Any?> {
    val found = ArrayList<Any?>()
    while (nextToken() != JsonToken.END_ARRAY) found += value(known)
    return when (found.size) {
        0 -> emptyList()
        1 -> listOf(found[0])
        else -> found
    }
}

/** Checks the value as if it were kept. */
private fun JsonParser.skip() {
    when (currentToken()) {
        JsonToken.START_OBJECT -> while (nextToken() != JsonToken.END_OBJECT) {
            scalars(currentName())
            nextToken()
            skip()
        }
        JsonToken.START_ARRAY -> while (nextToken() != JsonToken.END_ARRAY) skip()
        else -> value(null)
    }
}

private fun JsonParser.finite(): Double {
    val number = text.toDouble()
    if (number.isInfinite()) throw JsonParseException(this, "the number ${shortened(text)} is too large")
    return number
}

/** An escape can name half of a surrogate pair alone, which is no text. */
private fun JsonParser.scalars(text: String): String {
    var i = 0
    while (i < text.length) {
        val paired = text[i].isHighSurrogate() && i + 1 < text.length && text[i + 1].isLowSurrogate()
        if (text[i].isSurrogate() && !paired) {
            throw JsonParseException(this, "a string holds half of a surrogate pair")
        }
        i += if (paired) 2 else 1
    }
    return text
}

/** An object of a JSON file and where it stands in it, so that every message names the key. Unknown keys are not looked at. */
internal class Fields(private val file: String, private val path: String, private val values: Map<*, *>) {
    val keys: List<String> get() = values.keys.map { it as String }

    fun has(key: String): Boolean = key in values

    fun fields(key: String): Fields = of(file, name(key), get(key))

    fun text(key: String): String = get(key) as? String ?: refuse(key, "must be a string")

    fun flag(key: String): Boolean = get(key) as? Boolean ?: refuse(key, "must be true or false")

    fun int(key: String, allowed: IntRange = 0..Int.MAX_VALUE): Int {
        val value = get(key) as? Long ?: refuse(key, "must be a whole number")
        if (value !in allowed.first.toLong()..allowed.last.toLong()) {
            refuse(key, "must be from ${allowed.first} to ${allowed.last} and is $value")
        }
        return value.toInt()
    }

    /** Any JSON number, whole or not; always finite. */
    fun number(key: String): Double = (get(key) as? Number)?.toDouble() ?: refuse(key, "must be a number")

    fun list(key: String): List<Any?> = get(key) as? List<*> ?: refuse(key, "must be a list")

    fun texts(key: String): List<String> = list(key).map { it as? String ?: refuse(key, "must be a list of strings") }

    fun ints(key: String): IntArray = IntArray(list(key).size).also { out ->
        list(key).forEachIndexed { i, item ->
            val value = item as? Long ?: refuse(key, "must be a list of whole numbers")
            if (value !in 0..Int.MAX_VALUE) refuse(key, "holds $value")
            out[i] = value.toInt()
        }
    }

    fun numbers(key: String): DoubleArray = list(key).let { items ->
        DoubleArray(items.size) { (items[it] as? Number)?.toDouble() ?: refuse(key, "must be a list of numbers") }
    }

    fun refuse(key: String, what: String): Nothing = refuse(file, name(key), what)

    private fun get(key: String): Any? = if (key in values) values[key] else refuse(file, path.ifEmpty { "it" }, "lacks $key")

    private fun name(key: String) = if (path.isEmpty()) key else "$path.${shortened(key)}"

    companion object {
        fun of(file: String, path: String, value: Any?): Fields =
            Fields(file, path, value as? Map<*, *> ?: refuse(file, path.ifEmpty { "it" }, "must be a JSON object"))

        private fun refuse(file: String, path: String, what: String): Nothing =
            throw ArtifactException("$file: $path $what. Export the model again, or update this app if the file is newer.")
    }
}
