package dev.pocketbert.task

import dev.pocketbert.artifact.OutputKind
import kotlin.math.exp

/** What the outputs mean (docs/artifact.md section 3, `task`). */
sealed interface Task {
    /** Whether an input is two texts. */
    val pair: Boolean

    /** How many numbers the graph gives. */
    val outputs: Int

    /** Output column i is the score of `labels[i]`. */
    data class Classification(val labels: List<String>, override val pair: Boolean) : Task {
        override val outputs get() = labels.size

        /** Labels with their scores, best first; on a tie the earlier column. [output] has one number a label. */
        fun decode(output: FloatArray, kind: OutputKind): List<Label> {
            require(output.size == labels.size) { "${output.size} outputs for ${labels.size} labels" }
            require(kind != OutputKind.VALUE) { "a value is no score of labels" }
            val scores = DoubleArray(output.size) { output[it].toDouble() }.let { if (kind == OutputKind.LOGITS) softmax(it) else it }
            // + 0.0 makes 0 of -0, which sorting would put behind it
            return scores.indices.sortedByDescending { scores[it] + 0.0 }.map { Label(labels[it], scores[it].toFloat()) }
        }
    }

    /** One value; [low] and [high] are the range of the targets in training, both null where nobody knows it. */
    data class Regression(
        val unit: String,
        val low: Double?,
        val high: Double?,
        override val pair: Boolean,
    ) : Task {
        override val outputs get() = 1

        /** The value in [unit]s; [output] has one number. */
        fun decode(output: FloatArray): Float = output.single()
    }
}

/** A label with its softmax score, 0 to 1. */
data class Label(val label: String, val score: Float)

/** In double, so that scores of many labels sum to 1. */
private fun softmax(logits: DoubleArray): DoubleArray {
    val largest = logits.max()
    val powers = DoubleArray(logits.size) { exp(logits[it] - largest) }
    val sum = powers.sum()
    return DoubleArray(logits.size) { powers[it] / sum }
}
