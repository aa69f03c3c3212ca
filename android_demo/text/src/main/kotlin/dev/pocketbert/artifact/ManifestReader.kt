package dev.pocketbert.artifact

import dev.pocketbert.task.Task
import java.nio.ByteBuffer

private const val MAJOR = 1
private val INPUTS = listOf("input_ids", "attention_mask", "token_type_ids")
private val HASH = Regex("[0-9a-f]{64}")
private val NEEDED = listOf("tokenizer.json", "golden.json")

/** manifest.json (docs/artifact.md section 3); throws [ArtifactException] for what breaks a MUST within it. */
internal fun readManifest(bytes: ByteBuffer): Manifest {
    val top = Fields.of(MANIFEST, "", readJson(bytes, MANIFEST))
    val minor = checkFormat(top)
    if (top.texts("inputs") != INPUTS) top.refuse("inputs", "must be ${INPUTS.joinToString()}")
    val container = container(top)
    val task = task(top.fields("task"))
    val lengths = lengths(top.fields("lengths"))
    val vocabularySize = top.int("vocabulary_size", 1..Int.MAX_VALUE)
    val tokenizer = tokenizer(top.fields("tokenizer"), vocabularySize)
    if (tokenizer.maxLength > lengths.longest) {
        top.refuse("tokenizer.max_length", "is ${tokenizer.maxLength}, past the longest length of the graph, ${lengths.longest}")
    }
    return Manifest(
        minor = minor,
        container = container,
        compute = digest(top.fields("compute")),
        entries = entries(top.fields("entries")),
        task = task,
        output = output(top.fields("output"), task),
        lengths = lengths,
        vocabularySize = vocabularySize,
        quantization = quantization(top.fields("quantization")),
        tokenizer = tokenizer,
        leastRuntime = leastRuntime(top.fields("runtime"), container),
        metrics = metrics(top),
    )
}

private fun checkFormat(top: Fields): Int {
    if (!top.has("format")) throw ArtifactException("$MANIFEST does not say that this is a pocketbert file")
    val format = top.fields("format")
    if (format.text("name") != "pocketbert") throw ArtifactException("$MANIFEST does not say that this is a pocketbert file")
    val major = format.int("major", 0..Int.MAX_VALUE)
    val minor = format.int("minor", 0..Int.MAX_VALUE)
    if (major != MAJOR) {
        val advice = if (major > MAJOR) "It was made by a newer pocketbert: update this app" else "Export it again"
        throw ArtifactException("The file has format $major.$minor, and this library reads format $MAJOR. $advice")
    }
    return minor
}

private fun container(top: Fields): Container {
    val name = top.text("container")
    return Container.entries.find { it.extension == name } ?: top.refuse("container", "is \"$name\", an unknown container")
}

private fun digest(fields: Fields): Digest {
    val hash = fields.text("sha256")
    if (!HASH.matches(hash)) fields.refuse("sha256", "must be 64 hex digits in lower case")
    return Digest(fields.int("size", 0..Int.MAX_VALUE), hash)
}

private fun entries(fields: Fields): Map<String, Digest> {
    for (name in NEEDED) if (!fields.has(name)) fields.refuse(name, "is missing, and every sealed file has it")
    return fields.keys.associateWith { digest(fields.fields(it)) }
}

private fun task(fields: Fields): Task = when (val kind = fields.text("kind")) {
    "classification" -> {
        val labels = fields.texts("labels")
        if (labels.size < 2) fields.refuse("labels", "must be at least two")
        labels.groupingBy { it }.eachCount().forEach { (label, count) -> if (count > 1) fields.refuse("labels", "name \"$label\" twice") }
        for (label in labels) if (!isLabel(label)) fields.refuse("labels", "must not be empty or hold line breaks or outer spaces: \"$label\"")
        Task.Classification(labels, fields.flag("pair"))
    }
    "regression" -> {
        if (fields.has("low") != fields.has("high")) fields.refuse("low", "and high must both be there or neither")
        val low = if (fields.has("low")) fields.number("low") else null
        val high = if (fields.has("high")) fields.number("high") else null
        if (low != null && high != null && low > high) fields.refuse("low", "is above high")
        Task.Regression(fields.text("unit"), low, high, fields.flag("pair"))
    }
    else -> fields.refuse("kind", "is \"$kind\", an unknown task kind. If the file is new, update this app")
}

private fun isLabel(label: String): Boolean = label.isNotEmpty() && label == label.trim() && '\n' !in label && '\r' !in label

private fun output(fields: Fields, task: Task): Output {
    val kind = when (val name = fields.text("kind")) {
        "logits" -> OutputKind.LOGITS
        "probabilities" -> OutputKind.PROBABILITIES
        "value" -> OutputKind.VALUE
        else -> fields.refuse("kind", "is \"$name\"")
    }
    if ((kind == OutputKind.VALUE) != (task is Task.Regression)) {
        fields.refuse("kind", "is \"${fields.text("kind")}\", which does not belong to ${if (task is Task.Regression) "regression" else "classification"}")
    }
    val name = fields.text("name")
    if (name != "logits" && name != "probabilities") fields.refuse("name", "is \"$name\"")
    val size = fields.int("size", 1..Int.MAX_VALUE)
    if (size != task.outputs) fields.refuse("size", "is $size, and the task has ${task.outputs}")
    return Output(name, kind, size)
}

private fun lengths(fields: Fields): Lengths {
    if (fields.has("static")) {
        if (fields.has("min") || fields.has("max")) fields.refuse("static", "and min and max must not both be there")
        val static = fields.ints("static").toList()
        if (static.isEmpty() || static.any { it < 2 } || static.distinct() != static.sorted()) {
            fields.refuse("static", "must be ascending lengths of at least 2")
        }
        return Lengths.Static(static)
    }
    fields.int("min", 2..2)
    return Lengths.Exact(2, fields.int("max", 2..Int.MAX_VALUE))
}

private fun quantization(fields: Fields): String {
    for (key in listOf("linear_bits", "embedding_bits")) {
        if (fields.int(key, 8..32) !in listOf(8, 32)) fields.refuse(key, "must be 8 or 32")
    }
    for (key in listOf("linear_granularity", "embedding_granularity")) {
        if (fields.text(key) !in listOf("per_channel", "per_row", "none")) fields.refuse(key, "is \"${fields.text(key)}\"")
    }
    val activations = fields.text("activations")
    if (activations !in listOf("fp32", "dynamic_int8_per_token", "dynamic_uint8_per_tensor")) fields.refuse("activations", "is \"$activations\"")
    return fields.text("recipe")
}

private fun tokenizer(fields: Fields, vocabularySize: Int): TokenizerOptions = TokenizerOptions(
    kind = fields.text("kind"),
    specialTokensInText = fields.flag("special_tokens_in_text"),
    maxLength = fields.int("max_length", 2..Int.MAX_VALUE),
    padId = fields.int("pad_id", 0 until vocabularySize),
    wordPiece = if (fields.has("wordpiece")) wordPiece(fields.fields("wordpiece"), vocabularySize) else null,
)

private fun wordPiece(fields: Fields, vocabularySize: Int) = WordPieceOptions(
    clsId = fields.int("cls_id", 0 until vocabularySize),
    sepId = fields.int("sep_id", 0 until vocabularySize),
    unkId = fields.int("unk_id", 0 until vocabularySize),
    prefix = fields.text("prefix"),
    maxCharacters = fields.int("max_characters", 1..Int.MAX_VALUE),
)

private fun leastRuntime(fields: Fields, container: Container): String {
    val name = fields.text("name")
    if (name != container.runtime) fields.refuse("name", "must be ${container.runtime} for ${container.extension} and is \"$name\"")
    return fields.text("least_version")
}

private fun metrics(top: Fields): Map<String, Double> {
    if (!top.has("metrics")) return emptyMap()
    val fields = top.fields("metrics")
    return fields.keys.associateWith { fields.number(it) }
}
