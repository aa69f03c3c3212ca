package dev.pocketbert.engines

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonToken
import org.junit.jupiter.api.Assumptions.assumeTrue
import java.io.File

/** A small sealed file and what Python's runtime for its container gave for a text of every length that it takes. */
internal class Fixture(container: String) {
    val file = file("small.$container")
    val answers = readAnswers(file("small.$container.lengths.json"))

    private fun file(name: String): File {
        val folder = System.getProperty("pocketbert.fixtures").orEmpty()
        assumeTrue(folder.isNotEmpty(), "no fixtures: tests/android_demo/conftest.py makes them")
        return File(folder, name)
    }
}

internal class Answer(val text: String, val outputs: FloatArray)

/** `[{"text", "outputs": [columns]}, …]` */
private fun readAnswers(file: File): List<Answer> {
    val answers = ArrayList<Answer>()
    JsonFactory().createParser(file).use { parser ->
        var text = ""
        val outputs = ArrayList<Float>()
        while (true) {
            when (parser.nextToken() ?: break) {
                JsonToken.VALUE_STRING -> text = parser.text
                JsonToken.VALUE_NUMBER_FLOAT, JsonToken.VALUE_NUMBER_INT -> outputs.add(parser.floatValue)
                JsonToken.END_OBJECT -> {
                    answers.add(Answer(text, outputs.toFloatArray()))
                    outputs.clear()
                }
                else -> Unit
            }
        }
    }
    return answers
}
