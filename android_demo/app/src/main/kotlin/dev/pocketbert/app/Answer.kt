package dev.pocketbert.app

import dev.pocketbert.PocketBert
import dev.pocketbert.artifact.SelfCheck
import dev.pocketbert.task.Label
import dev.pocketbert.task.Task

/**
 * What a model said to a text.
 *
 * @property labels best first; empty for a model that gives a value.
 * @property value of such a model.
 * @property tokenizeMs text to ids, in ms; [modelMs] the runtime alone.
 * @property pieces what the model read, special tokens included.
 */
internal class Answer(
    val labels: List<Label>,
    val value: Float?,
    val tokenizeMs: Double,
    val modelMs: Double,
    val pieces: List<String>,
    val truncated: Boolean,
)

/** What is known of an opened model. */
internal class Facts(val container: String, val quantization: String, val task: Task, val bytes: Long)

/** Where the self-check stands: [verdict] is null as long as it runs. */
internal class Check(val done: Int, val total: Int, val verdict: SelfCheck? = null)

internal fun PocketBert.facts() =
    Facts(artifact.manifest.container.extension, artifact.manifest.quantization, artifact.manifest.task, artifact.bytes.capacity().toLong())

/** [pair] is looked at for models of pairs only. */
internal fun PocketBert.answer(text: String, pair: String): Answer {
    val task = artifact.manifest.task
    val second = pair.takeIf { task.pair }
    val begin = System.nanoTime()
    val inputs = artifact.encode(text, second)
    val encoded = System.nanoTime()
    val output = outputs(inputs)
    val ran = System.nanoTime()
    val encoding = artifact.tokenizer.encode(text, second)
    return Answer(
        labels = if (task is Task.Classification) labels(output) else emptyList(),
        value = if (task is Task.Regression) output[0] else null,
        tokenizeMs = (encoded - begin) / 1e6,
        modelMs = (ran - encoded) / 1e6,
        pieces = encoding.ids.map { artifact.tokenizer.piece(it) },
        truncated = encoding.truncated,
    )
}
