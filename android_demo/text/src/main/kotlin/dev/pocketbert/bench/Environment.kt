package dev.pocketbert.bench

/**
 * The machine as it was around the measurement: `Environment` of bench/record.py, which says what each field means.
 *
 * @property memory bytes in the machine.
 * @property frequencyBefore MHz of the fastest core, like the other frequencies.
 * @property temperatureBefore degrees Celsius of the hottest zone.
 * @property thermalBefore Android's name of its thermal status: "none", "light", "moderate", "severe", "critical", "emergency", "shutdown".
 * @property thermalWorst the worst from the first timed run to the last.
 * @property batteryBefore percent.
 * @property powerSaver whether the battery saver was on, before or after.
 * @property debuggable whether the app is a debug build, which runs its own code (the tokenizer) slower.
 * @property screenOff whether the screen was off at the beginning or the end.
 */
data class Environment(
    val device: String = "local",
    val model: String? = null,
    val cpu: String? = null,
    val architecture: String? = null,
    val cores: Int? = null,
    val features: List<String> = emptyList(),
    val memory: Long? = null,
    val system: String? = null,
    val python: String? = null,
    val governor: String? = null,
    val frequencyBefore: Double? = null,
    val frequencyAfter: Double? = null,
    val frequencyLimit: Double? = null,
    val loadBefore: Double? = null,
    val loadAfter: Double? = null,
    val busyElsewhere: Double? = null,
    val temperatureBefore: Double? = null,
    val temperatureAfter: Double? = null,
    val thermalBefore: String? = null,
    val thermalAfter: String? = null,
    val thermalWorst: String? = null,
    val batteryBefore: Double? = null,
    val batteryAfter: Double? = null,
    val charging: Boolean? = null,
    val powerSaver: Boolean? = null,
    val debuggable: Boolean? = null,
    val screenOff: Boolean? = null,
    val versions: Map<String, String> = emptyMap(),
)
