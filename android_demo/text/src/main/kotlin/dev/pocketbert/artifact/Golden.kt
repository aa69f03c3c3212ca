package dev.pocketbert.artifact

/** golden.json (docs/artifact.md section 6). */
class Golden(val tolerance: Double, val vectors: List<GoldenVector>)

class GoldenVector(
    val texts: List<String>,
    val ids: IntArray,
    val types: IntArray,
    val student: FloatArray,
    val output: FloatArray,
)
