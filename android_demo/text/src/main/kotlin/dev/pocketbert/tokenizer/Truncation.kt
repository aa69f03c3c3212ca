package dev.pocketbert.tokenizer

import dev.pocketbert.artifact.ArtifactException

/** Which pieces of a pair are left out when it is too long; always from a text's end. */
enum class Truncation {
    /** From the longer text, and from both once they are equally long: what the file format does (docs/artifact.md section 4). */
    LONGEST_FIRST,

    /** Never from the first text, such as a question before a long passage. Refuses what cannot be shortened so. */
    ONLY_SECOND,
    ;

    /** How many of [first] pieces are kept when [first] + [second] are more than [room]; the second text gets the rest of [room]. */
    internal fun keptOfFirst(first: Int, second: Int, room: Int): Int =
        when (this) {
            // the page's rule in fewer words: the smaller text keeps all of itself, up to half of the room
            LONGEST_FIRST -> if (first <= second) minOf(first, room / 2) else room - minOf(second, room / 2)
            ONLY_SECOND -> if (first < room) first else throw tooLong(first, room)
        }

    private fun tooLong(first: Int, room: Int) =
        ArtifactException(
            "the first text has $first pieces and the file takes $room for both texts: with only the second one shortened nothing of it " +
                "would be left. Shorten the first text, or truncate with LONGEST_FIRST.",
        )
}
