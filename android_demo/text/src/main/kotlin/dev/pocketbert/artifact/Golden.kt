package dev.pocketbert.artifact

/**
 * golden.json (docs/artifact.md section 6).
 *
 * @property reproducibility how far outputs may be from the recorded ones wherever the file runs.
 */
class Golden(val reproducibility: Reproducibility, val vectors: List<GoldenVector>)

/**
 * @property typical of three quarters of the vectors at least.
 * @property largest of every vector.
 */
class Reproducibility(val typical: Double, val largest: Double) {
    /** Whether so many of the vectors may be the only ones within [typical]. */
    internal fun enough(typical: Int, vectors: Int): Boolean = 4 * typical >= 3 * vectors
}

class GoldenVector(
    val texts: List<String>,
    val ids: IntArray,
    val types: IntArray,
    val student: FloatArray,
    val output: FloatArray,
)
