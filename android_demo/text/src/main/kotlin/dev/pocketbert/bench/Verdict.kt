package dev.pocketbert.bench

import java.math.BigDecimal
import java.math.RoundingMode

/**
 * invalid: the outputs or the numbers are wrong. warn: the machine was not quiet, or the run was cut short. As bench/verdict.py, and
 * what only a phone has.
 *
 * @param times the phases, among them `forward`.
 * @param golden whether the self-check held, with its lines where it did not.
 * @param noise of [noiseOf].
 * @param minimaMet both minima of the plan were reached.
 */
fun verdict(
    environment: Environment,
    times: Map<String, Phase>,
    golden: Boolean,
    goldenFailures: List<String>,
    noise: Double?,
    minimaMet: Boolean,
): Validity {
    val wrong = ArrayList<String>()
    val doubtful = ArrayList<String>()
    if (!golden) wrong += "the golden check failed: " + goldenFailures.take(3).joinToString("; ")
    if (times.values.any { phase -> phase.samples.any { !it.isFinite() || it < 0 } }) {
        wrong += "a sample is negative or no number: the clock is broken"
    }
    if (!minimaMet) doubtful += "stopped at the longest time before the minima were reached"
    if (noise != null && noise > NOISE) {
        doubtful += "runs of the same text spread by ${percent(noise)} (quartiles); at most ${percent(NOISE)} is quiet"
    }
    doubtful += machine(environment) + phone(environment)
    val verdict = when {
        wrong.isNotEmpty() -> "invalid"
        doubtful.isNotEmpty() -> "warn"
        else -> "valid"
    }
    return Validity(verdict, wrong + doubtful)
}

private fun machine(environment: Environment) = buildList {
    val others = environment.busyElsewhere
    val load = environment.loadBefore
    if (others != null && others > BUSY) {
        add("other processes kept ${two(others)} cores busy during the run; at most $BUSY is quiet")
    } else if (others == null && load != null && load > LOAD) {
        add("the load average was ${two(load)} before the run; at most $LOAD is quiet")
    }
    val governors = environment.governor.orEmpty().ifEmpty { STEADY_GOVERNOR }.split(", ").toSet()
    // no phone has the steady one, and no app can set it: a warning that always stands says nothing
    if (environment.device != "android" && governors != setOf(STEADY_GOVERNOR)) {
        add("the CPU frequency governor is \"${environment.governor}\", which changes the clock; \"performance\" holds it")
    }
    // 0 MHz is a file of /sys that nobody keeps
    val before = environment.frequencyBefore?.takeIf { it != 0.0 }
    val after = environment.frequencyAfter?.takeIf { it != 0.0 }
    if (before != null && after != null && after < before * (1 - FREQUENCY)) {
        add("the CPU slowed down from ${whole(before)} to ${whole(after)} MHz during the run")
    }
}

private fun phone(environment: Environment) = buildList {
    val hot = listOf(environment.thermalBefore, environment.thermalWorst, environment.thermalAfter).filterNotNull().filter { it != "none" }
    if (hot.isNotEmpty()) add("the phone was throttled by heat (thermal status ${hot.distinct().joinToString(", ")}); let it cool down")
    if (environment.powerSaver == true) add("the battery saver was on, which slows the CPU down")
    val battery = environment.batteryAfter
    if (battery != null && battery < LOW_BATTERY && environment.charging != true) {
        add("the battery was at ${whole(battery)} %; some phones slow down below ${whole(LOW_BATTERY)} %")
    }
    if (environment.debuggable == true) add("this is a debug build, whose own code runs slower; measure a release build")
    if (environment.screenOff == true) add("the screen was off, where Android slows apps down")
}

private fun two(value: Double) = rounded(value, 2)

private fun whole(value: Double) = rounded(value, 0)

private fun percent(share: Double) = whole(share * 100) + "%"

/** As Python writes a number: the exact binary value to [digits] decimals, ties to even. String.format rounds its shortest decimal up. */
private fun rounded(value: Double, digits: Int) =
    if (value.isFinite()) BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString() else value.toString()

// The first four as in bench/verdict.py, where the reasons stand.
private const val BUSY = 0.25
private const val LOAD = 0.5
private const val NOISE = 0.10
private const val FREQUENCY = 0.05
private const val STEADY_GOVERNOR = "performance"
private const val LOW_BATTERY = 20.0 // where Android offers the battery saver
