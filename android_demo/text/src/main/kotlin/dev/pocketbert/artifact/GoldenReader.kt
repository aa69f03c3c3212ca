package dev.pocketbert.artifact

import java.nio.ByteBuffer

internal const val GOLDEN = "golden.json"
private const val LEAST_VECTORS = 64
private val KEYS =
    setOf("tolerance", "reproducibility", "typical", "largest", "vectors", "texts", "input_ids", "token_type_ids", "student", "output")

/** golden.json (docs/artifact.md section 6), its vectors held against what the manifest says of the graph. */
internal fun readGolden(bytes: ByteBuffer, manifest: Manifest): Golden {
    val top = Fields.of(GOLDEN, "", readJson(bytes, GOLDEN, KEYS))
    val tolerance = positive(top, "tolerance")
    // format 1.0 has one number for everything
    val reproducibility = if (top.has("reproducibility")) reproducibility(top) else Reproducibility(tolerance, tolerance)
    val items = top.list("vectors")
    if (items.size < LEAST_VECTORS) top.refuse("vectors", "are ${items.size}, and must be at least $LEAST_VECTORS")
    return Golden(reproducibility, items.mapIndexed { i, item -> vector(Fields.of(GOLDEN, "vectors[$i]", item), manifest) })
}

private fun reproducibility(top: Fields): Reproducibility =
    top.fields("reproducibility").let { Reproducibility(positive(it, "typical"), positive(it, "largest")) }

private fun positive(fields: Fields, key: String): Double =
    fields.number(key).also { if (it <= 0) fields.refuse(key, "must be above zero") }

private fun vector(fields: Fields, manifest: Manifest): GoldenVector {
    val texts = fields.texts("texts")
    val wanted = if (manifest.task.pair) 2 else 1
    if (texts.size != wanted) fields.refuse("texts", "must be $wanted, as the task says")
    val ids = fields.ints("input_ids")
    val types = fields.ints("token_type_ids")
    if (ids.size < 2) fields.refuse("input_ids", "must be at least two")
    if (types.size != ids.size) fields.refuse("token_type_ids", "must be as many as input_ids")
    return GoldenVector(texts, ids, types, columns(fields, "student", manifest), columns(fields, "output", manifest))
}

private fun columns(fields: Fields, key: String, manifest: Manifest): FloatArray {
    val numbers = fields.numbers(key)
    if (numbers.size != manifest.output.size) fields.refuse(key, "must have ${manifest.output.size} columns")
    return FloatArray(numbers.size) {
        numbers[it].toFloat().also { number -> if (!number.isFinite()) fields.refuse(key, "holds a number past float32") }
    }
}
