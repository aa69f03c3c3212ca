package dev.pocketbert.artifact

import dev.pocketbert.task.Task
import java.nio.ByteBuffer

private const val MAJOR = 1
private val INPUTS = listOf("input_ids", "attention_mask", "token_type_ids")
private val HASH = Regex("[0-9a-f]{64}")
private val VERSION = Regex("[0-9]{1,9}(\\.[0-9]{1,9}){0,7}")
private val NEEDED = listOf("tokenizer.json", GOLDEN)
private const val LEAST_MAX_LENGTH = 5 // a pair and its three special tokens
private const val MAX_LENGTH = 1 shl 16

/** manifest.json (docs/artifact.md section 3); throws [ArtifactException] for what breaks a MUST within it. */
internal fun readManifest(bytes: ByteBuffer): Manifest {
    val top = Fields.of(MANIFEST, "", readJson(bytes, MANIFEST))
    val minor = checkFormat(top)
    if (top.texts("inputs") != INPUTS) top.refuse("inputs", "must be ${INPUTS.joinToString()}")
    if (top.has("provenance")) top.fields("provenance")
    val container = container(top)
    val task = readTask(top.fields("task"))
    val manifest = Manifest(
        minor = minor,
        container = container,
        compute = digest(top.fields("compute")),
        entries = entries(top.fields("entries")),
        task = task,
        output = output(top.fields("output"), task),
        lengths = lengths(top.fields("lengths")),
        vocabularySize = top.int("vocabulary_size"),
        quantization = quantization(top.fields("quantization")),
        tokenizer = tokenizer(top.fields("tokenizer")),
        leastRuntime = leastRuntime(top.fields("runtime"), container),
        metrics = metrics(top),
    )
    checkTokenizer(top.fields("tokenizer"), manifest)
    return manifest
}

private fun checkFormat(top: Fields): Int {
    if (!top.has("format")) throw ArtifactException("$MANIFEST does not say that this is a pocketbert file. $DAMAGED")
    val format = top.fields("format")
    if (format.text("name") != "pocketbert") throw ArtifactException("$MANIFEST does not say that this is a pocketbert file. $DAMAGED")
    val major = format.int("major")
    if (major != MAJOR) {
        val advice = if (major > MAJOR) "It was made by a newer pocketbert: update this app." else "Export the model again."
        throw ArtifactException("the file has format $major, and this library reads format $MAJOR. $advice")
    }
    return format.int("minor")
}

private fun container(top: Fields): Container {
    val name = top.text("container")
    return Container.entries.find { it.extension == name } ?: top.refuse("container", "is ${quoted(name)}, an unknown container")
}

private fun digest(fields: Fields): Digest {
    val hash = fields.text("sha256")
    if (!HASH.matches(hash)) fields.refuse("sha256", "must be 64 hex digits in lower case")
    return Digest(fields.int("size"), hash)
}

private fun entries(fields: Fields): Map<String, Digest> {
    for (name in NEEDED) if (!fields.has(name)) fields.refuse(name, "is missing, and every sealed file has it")
    return fields.keys.associateWith { digest(fields.fields(it)) }
}

private fun output(fields: Fields, task: Task): Output {
    val kind = when (val name = fields.text("kind")) {
        "logits" -> OutputKind.LOGITS
        "probabilities" -> OutputKind.PROBABILITIES
        "value" -> OutputKind.VALUE
        else -> fields.refuse("kind", "is ${quoted(name)}")
    }
    if ((kind == OutputKind.VALUE) != (task is Task.Regression)) {
        val belongs = if (task is Task.Regression) "regression, whose is value" else "classification"
        fields.refuse("kind", "is \"${fields.text("kind")}\", which does not belong to $belongs")
    }
    val name = fields.text("name")
    if (name != "logits" && name != "probabilities") fields.refuse("name", "is ${quoted(name)}")
    val size = fields.int("size")
    if (size != task.outputs) fields.refuse("size", "is $size, and the task has ${task.outputs}")
    return Output(name, kind, size)
}

private fun lengths(fields: Fields): Lengths {
    if (fields.has("static")) {
        if (fields.has("min") || fields.has("max")) fields.refuse("static", "and min and max must not both be there")
        val static = fields.ints("static").toList()
        if (static.isEmpty() || static.any { it !in 2..MAX_LENGTH }) fields.refuse("static", "must be lengths from 2 to $MAX_LENGTH")
        return Lengths.Static(static)
    }
    val min = fields.int("min", 2..MAX_LENGTH)
    return Lengths.Exact(min, fields.int("max", min..MAX_LENGTH))
}

/** Its recipe; which values the rest has is for people. */
private fun quantization(fields: Fields): String {
    fields.int("linear_bits")
    fields.int("embedding_bits")
    for (key in listOf("linear_granularity", "embedding_granularity", "activations")) fields.text(key)
    return fields.text("recipe")
}

private fun tokenizer(fields: Fields): TokenizerOptions = TokenizerOptions(
    kind = fields.text("kind"),
    specialTokensInText = fields.flag("special_tokens_in_text"),
    maxLength = fields.int("max_length", LEAST_MAX_LENGTH..MAX_LENGTH),
    padId = fields.int("pad_id"),
    wordPiece = if (fields.has("wordpiece")) wordPiece(fields.fields("wordpiece")) else null,
)

private fun wordPiece(fields: Fields) = WordPieceOptions(
    clsId = fields.int("cls_id"),
    sepId = fields.int("sep_id"),
    unkId = fields.int("unk_id"),
    prefix = fields.text("prefix"),
    maxCharacters = fields.int("max_characters"),
)

private fun checkTokenizer(fields: Fields, manifest: Manifest) {
    val tokenizer = manifest.tokenizer
    val wordPiece = tokenizer.wordPiece
    if (tokenizer.maxLength > manifest.lengths.longest) {
        fields.refuse("max_length", "is ${tokenizer.maxLength}, past the longest length of the graph, ${manifest.lengths.longest}")
    }
    if (wordPiece != null && (tokenizer.kind != "wordpiece" || tokenizer.specialTokensInText)) {
        fields.refuse("wordpiece", "stands only beside kind wordpiece and special_tokens_in_text false")
    }
    val ids = listOfNotNull(tokenizer.padId, wordPiece?.clsId, wordPiece?.sepId, wordPiece?.unkId)
    if (ids.max() >= manifest.vocabularySize) fields.refuse("pad_id", "and other ids must be below vocabulary_size; there is ${ids.max()}")
    if ((wordPiece != null) != (NORMALIZER in manifest.entries)) fields.refuse("wordpiece", "is there exactly where $NORMALIZER is")
    if (wordPiece != null && VOCABULARY !in manifest.entries) fields.refuse("wordpiece", "is there, and $VOCABULARY is not")
}

private fun leastRuntime(fields: Fields, container: Container): String {
    val name = fields.text("name")
    if (name != container.runtime) fields.refuse("name", "must be ${container.runtime} for ${container.extension} and is ${quoted(name)}")
    val least = fields.text("least_version")
    if (!VERSION.matches(least)) fields.refuse("least_version", "must be up to eight numbers with dots and is ${quoted(least)}")
    return least
}

private fun metrics(top: Fields): Map<String, Double> {
    if (!top.has("metrics")) return emptyMap()
    val fields = top.fields("metrics")
    return fields.keys.associateWith { fields.number(it) }
}
