package dev.pocketbert.bench

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonGenerator
import java.io.StringWriter

/**
 * One line of JSON, as `pocketbert bench --format jsonl` writes it: `pocketbert bench --read FILE` reads it back. A number that is not
 * finite is null there, since JSON has no word for it.
 */
fun BenchRecord.toJson(): String {
    val out = StringWriter()
    JsonFactory().createGenerator(out).use { json -> json.write(fields(this)) }
    return out.append('\n').toString()
}

private fun fields(record: BenchRecord): Map<String, Any?> =
    with(record) {
        linkedMapOf(
            "name" to name,
            "kind" to "artifact",
            "file" to file,
            "sha256" to sha256,
            "bytes" to bytes,
            "container" to container,
            "quantization" to quantization,
            "engine" to engine,
            "engine_version" to engineVersion,
            "threads" to threads,
            "times" to times.mapValues { fields(it.value) },
            "by_length" to byLength.map { fields(it) },
            "texts" to fields(texts),
            "memory" to fields(memory),
            "golden" to golden,
            "golden_difference" to goldenDifference,
            "golden_tolerance" to goldenTolerance,
            "validity" to linkedMapOf("verdict" to validity.verdict, "reasons" to validity.reasons),
            "noise" to noise,
            "environment" to fields(environment),
            "how" to how,
            "note" to note,
            "measured_at" to measuredAt,
            "schema" to SCHEMA,
        )
    }

private fun fields(phase: Phase): Map<String, Any?> =
    with(phase) {
        linkedMapOf(
            "runs" to runs,
            "mean" to mean,
            "std" to std,
            "min" to min,
            "p50" to p50,
            "p90" to p90,
            "p95" to p95,
            "p99" to p99,
            "max" to max,
            "samples" to samples,
            "tokens" to tokens,
        )
    }

private fun fields(row: AtLength): Map<String, Any?> =
    with(row) {
        linkedMapOf("length" to length, "runs" to runs, "p50" to p50, "p90" to p90, "min" to min, "samples" to samples)
    }

private fun fields(texts: Texts): Map<String, Any?> =
    with(texts) {
        linkedMapOf(
            "source" to source,
            "count" to count,
            "tokens_min" to tokensMin,
            "tokens_p50" to tokensP50,
            "tokens_p90" to tokensP90,
            "tokens_max" to tokensMax,
            "truncated" to truncated,
        )
    }

private fun fields(memory: Memory): Map<String, Any?> =
    with(memory) {
        linkedMapOf(
            "interpreter" to interpreter,
            "base" to base,
            "loaded" to loaded,
            "steady" to steady,
            "steady_anonymous" to steadyAnonymous,
            "peak" to peak,
            "peak_since" to peakSince,
            "note" to note,
        )
    }

private fun fields(environment: Environment): Map<String, Any?> =
    with(environment) {
        linkedMapOf(
            "device" to device,
            "model" to model,
            "cpu" to cpu,
            "architecture" to architecture,
            "cores" to cores,
            "features" to features,
            "memory" to memory,
            "system" to system,
            "python" to python,
            "governor" to governor,
            "frequency_before" to frequencyBefore,
            "frequency_after" to frequencyAfter,
            "frequency_limit" to frequencyLimit,
            "load_before" to loadBefore,
            "load_after" to loadAfter,
            "busy_elsewhere" to busyElsewhere,
            "temperature_before" to temperatureBefore,
            "temperature_after" to temperatureAfter,
            "thermal_before" to thermalBefore,
            "thermal_after" to thermalAfter,
            "thermal_worst" to thermalWorst,
            "battery_before" to batteryBefore,
            "battery_after" to batteryAfter,
            "charging" to charging,
            "power_saver" to powerSaver,
            "debuggable" to debuggable,
            "screen_off" to screenOff,
            "versions" to versions,
        )
    }

private fun JsonGenerator.write(value: Any?) {
    when (value) {
        null -> writeNull()
        is String -> writeString(value)
        is Boolean -> writeBoolean(value)
        is Int -> writeNumber(value)
        is Long -> writeNumber(value)
        is Double -> if (value.isFinite()) writeNumber(value) else writeNull()
        is List<*> -> {
            writeStartArray()
            value.forEach { write(it) }
            writeEndArray()
        }
        is Map<*, *> -> {
            writeStartObject()
            for ((name, inner) in value) {
                writeFieldName(name as String)
                write(inner)
            }
            writeEndObject()
        }
        else -> error("no JSON for $value")
    }
}
