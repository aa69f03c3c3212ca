package dev.pocketbert.engines

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonGenerator
import com.fasterxml.jackson.core.JsonToken
import dev.pocketbert.PocketBert
import dev.pocketbert.artifact.ArtifactException
import java.io.File
import java.io.StringWriter
import kotlin.system.exitProcess

/**
 * A sealed file in its Kotlin engine, for whoever speaks JSON lines: `EngineMain FILE [BIONIC]`.
 *
 * The first line out is `{"runtime", "self_check": {"ok", "ids_equal", "vectors", "largest_difference", "tolerance", "failures"}}`,
 * or `{"error"}` where the file was refused. Then each line in, a list of one or two texts, is answered by
 * `{"outputs": [columns]}`. BIONIC is the folder that tools/android/bionic_shim.py made; it is needed for a `.pte`.
 */
fun main(arguments: Array<String>) {
    arguments.getOrNull(1)?.let { Bionic.load(File(it)) }
    try {
        PocketBert.open(File(arguments[0])).use { answer(it) }
    } catch (refused: ArtifactException) {
        println(line { writeStringField("error", refused.message) })
    }
    exitProcess(0) // fbjni keeps a thread that would hold the machine
}

private fun answer(bert: PocketBert) {
    val check = bert.selfCheck()
    println(
        line {
            writeStringField("runtime", bert.runtime)
            writeObjectFieldStart("self_check")
            writeBooleanField("ok", check.ok)
            writeBooleanField("ids_equal", check.idsEqual)
            writeNumberField("vectors", check.vectors)
            writeNumberField("largest_difference", check.largestDifference)
            writeNumberField("tolerance", check.tolerance)
            writeArrayFieldStart("failures")
            check.failures.forEach { writeString(it) }
            writeEndArray()
            writeEndObject()
        },
    )
    for (request in generateSequence(::readLine)) {
        val texts = texts(request)
        val outputs = bert.outputs(texts[0], texts.getOrNull(1))
        println(
            line {
                writeArrayFieldStart("outputs")
                outputs.forEach { writeNumber(it) }
                writeEndArray()
            },
        )
    }
}

private val json = JsonFactory()

private fun texts(line: String): List<String> {
    val found = ArrayList<String>()
    json.createParser(line).use { while (it.nextToken() != null) if (it.currentToken() == JsonToken.VALUE_STRING) found.add(it.text) }
    return found
}

private fun line(write: JsonGenerator.() -> Unit): String {
    val text = StringWriter()
    json.createGenerator(text).use {
        it.writeStartObject()
        it.write()
        it.writeEndObject()
    }
    return text.toString()
}
