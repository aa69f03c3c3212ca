package dev.pocketbert.bench

import dev.pocketbert.artifact.Artifact
import dev.pocketbert.artifact.selfCheck
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.Locale

/**
 * Measures one file in this process, and checks its golden outputs on the very engine that was timed. Takes about
 * `plan.limits.minSeconds` plus a second a length; call it away from the main thread.
 *
 * @param progress hears a share of 1, never less than before.
 * @throws java.util.concurrent.CancellationException soon after [cancelled] says so; the engine is closed then.
 * @throws dev.pocketbert.artifact.ArtifactException for what `open` and `load` refuse.
 */
fun bench(
    subject: Subject,
    plan: Plan,
    machine: Machine,
    cancelled: () -> Boolean = { false },
    clock: Clock = MONOTONIC,
    progress: (Double) -> Unit = {},
): BenchRecord {
    val interpreter = machine.resident()[RESIDENT]
    val opened = opened(subject, plan.opens, machine, clock, cancelled)
    opened.loaded.use { loaded ->
        val artifact = opened.artifact
        val (texts, source) = goldenTexts(artifact, plan.mostTexts)
        val before = machine.before()
        val samples = measured(step(artifact, loaded, texts, clock), texts.size, plan.limits, clock, cancelled) {
            progress(it * TIMED)
        }
        val environment = machine.after(before)
        val rows = byLength(artifact, loaded, texts, plan, clock, cancelled) { progress(TIMED + it * LENGTHS) }
        val memory = memory(interpreter, opened, machine, plan)
        val check = selfCheck(
            artifact,
            { done, total ->
                goOn(cancelled)
                progress(TIMED + LENGTHS + (1 - TIMED - LENGTHS) * done / total)
            },
            loaded::run,
        )
        val encoded = texts.map { artifact.encoded(it) }
        val tokens = samples.texts.map { encoded[it].ids.size }
        val times = opened.times.mapValues { phaseOf(it.value) } + samples.phases.mapValues { phaseOf(it.value, tokens) }
        val noise = noiseOf(samples.phases.getValue("forward"), samples.texts)
        return BenchRecord(
            name = subject.name,
            file = subject.name,
            sha256 = artifact.sha256,
            bytes = artifact.bytes.capacity().toLong(),
            container = artifact.manifest.container.extension,
            quantization = artifact.manifest.quantization,
            engine = loaded.engine,
            engineVersion = loaded.engineVersion,
            threads = plan.threads,
            times = times,
            byLength = rows,
            texts = described(source, encoded),
            memory = memory,
            golden = check.ok,
            goldenDifference = check.largestDifference,
            goldenTolerance = check.tolerance,
            validity = verdict(environment, times, check.ok, check.failures, noise, samples.minimaMet),
            noise = noise,
            environment = environment,
            how = machine.how,
            note = "",
            measuredAt = OffsetDateTime.now(ZoneOffset.UTC).format(UTC_SECONDS),
        )
    }
}

/** Text to label as an app does it, the parts timed apart: tokenize without padding and checks, forward the runtime alone. */
private fun step(artifact: Artifact, loaded: Loaded, texts: List<List<String>>, clock: Clock): Step =
    { number ->
        val text = texts[number]
        val begin = clock.seconds()
        val encoding = artifact.encoded(text)
        val tokenized = clock.seconds()
        val inputs = artifact.inputs(encoding)
        val ready = clock.seconds()
        val output = loaded.run(inputs)
        val ran = clock.seconds()
        loaded.decode(output)
        val end = clock.seconds()
        linkedMapOf(
            "tokenize" to (tokenized - begin) * 1000,
            "forward" to (ran - ready) * 1000,
            "end_to_end" to (end - begin) * 1000,
        )
    }

private fun byLength(
    artifact: Artifact,
    loaded: Loaded,
    texts: List<List<String>>,
    plan: Plan,
    clock: Clock,
    cancelled: () -> Boolean,
    progress: (Double) -> Unit,
): List<AtLength> {
    if (plan.lengthRuns == 0) return emptyList()
    val inputs = ofLengths(artifact, texts, plan.lengths)
    return inputs.entries.mapIndexed { done, (length, row) ->
        val times = atLengthMeasured({ clock.timed { loaded.run(row) }.second }, plan.lengthRuns, cancelled)
        progress((done + 1.0) / inputs.size)
        atLength(length, times)
    }
}

private fun memory(interpreter: Long?, opened: Opened, machine: Machine, plan: Plan): Memory {
    if (!machine.fresh) return Memory(note = "measured by the first run of a process only: end the app, then measure again")
    val now = machine.resident()
    val steady = now[RESIDENT] ?: return Memory(note = "this system does not tell")
    return Memory(
        interpreter = interpreter,
        base = opened.base,
        loaded = opened.loadedMemory,
        steady = steady,
        steadyAnonymous = now["RssAnon"],
        peak = maxOf(now["VmHWM"] ?: 0, steady),
        peakSince = if (opened.peakReset) "base" else "start",
        note = "of a process that shows a screen too; the runtime's library and what ${plan.opens} openings left are in it",
    )
}

// Digits of the C locale: elsewhere the platform's language may write others.
private val UTC_SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT)

// shares of the progress bar
private const val TIMED = 0.7
private const val LENGTHS = 0.2
