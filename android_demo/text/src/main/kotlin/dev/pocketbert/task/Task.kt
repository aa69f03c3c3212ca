package dev.pocketbert.task

/** What the outputs mean (docs/artifact.md section 3, `task`). */
sealed interface Task {
    /** Whether an input is two texts. */
    val pair: Boolean

    /** How many numbers the graph gives. */
    val outputs: Int

    /** Output column i is the score of `labels[i]`. */
    data class Classification(val labels: List<String>, override val pair: Boolean) : Task {
        override val outputs get() = labels.size
    }

    /** One value; [low] and [high] are the range of the targets in training, both null where nobody knows it. */
    data class Regression(
        val unit: String,
        val low: Double?,
        val high: Double?,
        override val pair: Boolean,
    ) : Task {
        override val outputs get() = 1
    }
}

/** A label with its softmax score, 0 to 1. */
data class Label(val label: String, val score: Float)
