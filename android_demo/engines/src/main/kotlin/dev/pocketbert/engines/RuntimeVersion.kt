package dev.pocketbert.engines

/**
 * Up to three numbers, missing ones being 0; what follows them (`rc1`, `+cpu`) is not looked at (docs/artifact.md section 3).
 */
internal class RuntimeVersion(text: String) : Comparable<RuntimeVersion> {
    private val numbers: List<Long> =
        text.substringBefore('+').split('.').take(3).map { part -> part.takeWhile { it in '0'..'9' }.toLongOrNull() ?: 0L }

    override fun compareTo(other: RuntimeVersion): Int =
        (0 until 3).map { i -> numbers.getOrElse(i) { 0L }.compareTo(other.numbers.getOrElse(i) { 0L }) }.firstOrNull { it != 0 } ?: 0
}
