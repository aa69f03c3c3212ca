package dev.pocketbert.bench

/**
 * A line of stdin, its fields apart by tabs, gives a line on stdout; an empty field is null. The Python tests compare with their own.
 *
 * `phase` and samples: mean, std, min, the percentiles, max, and the samples as they are kept.
 * `verdict` and busyElsewhere, loadBefore, governor, frequencyBefore, frequencyAfter, noise, golden, minimaMet, samples: the verdict
 * and its reasons.
 */
fun main() {
    for (line in generateSequence(::readLine)) {
        val fields = line.split('\t')
        println((if (fields[0] == "phase") figures(fields.drop(1)) else verdict(fields.drop(1))).joinToString("\t"))
    }
}

private fun figures(fields: List<String>): List<Double> =
    with(phaseOf(fields.map { it.toDouble() })) { listOf(mean, std, min, p50, p90, p95, p99, max) + samples }

private fun verdict(fields: List<String>): List<String> {
    val environment = Environment(
        busyElsewhere = fields[0].toDoubleOrNull(),
        loadBefore = fields[1].toDoubleOrNull(),
        governor = fields[2].ifEmpty { null },
        frequencyBefore = fields[3].toDoubleOrNull(),
        frequencyAfter = fields[4].toDoubleOrNull(),
    )
    val times = mapOf("forward" to phaseOf(fields.drop(8).map { it.toDouble() }))
    val failures = listOf("a", "b", "c", "d")
    val found = verdict(environment, times, fields[6].toBoolean(), failures, fields[5].toDoubleOrNull(), fields[7].toBoolean())
    return listOf(found.verdict) + found.reasons
}
