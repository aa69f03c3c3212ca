"""What one measurement of one model on one device says: the schema that every printer and the report read.

Times are milliseconds, memory is bytes, lengths are tokens. None: not measured, or the device does not tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pocketbert.tasks import UserError

SCHEMA = "pocketbert.bench/1"  # the number rises when a field changes its meaning or goes; a new field does not raise it


@dataclass(frozen=True)
class Phase:
    """Samples of one part of the work, in ms.

    Args:
        runs: how many.
        mean, std, min, p50, p90, p95, p99, max: of them (bench/statistics.py says how).
        samples: all of them, in the order they were taken.
        tokens: length of each sample's text, where the phase depends on it.
    """

    runs: int
    mean: float
    std: float
    min: float
    p50: float
    p90: float
    p95: float
    p99: float
    max: float
    samples: tuple[float, ...] = ()
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True)
class AtLength:
    """Forward passes on real text of exactly `length` tokens, in ms; `samples` in the order they were taken."""

    length: int
    runs: int
    p50: float
    p90: float
    min: float
    samples: tuple[float, ...] = ()


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process that did nothing but open and run this file, in bytes.

    Args:
        interpreter: Python with the reader imported.
        base: and the runtime's library, the artifact checked, its tokenizer built; not yet the model.
        loaded: the model opened, before the first text.
        steady: after warm runs at several lengths.
        steady_anonymous: the part of steady that no file backs, which the system cannot drop and read again.
        peak: the largest since base, or since the process began where `peak_since` says so.
        peak_since: "base" or "start".
        note: why there are no figures, else empty.
    """

    interpreter: int | None = None
    base: int | None = None
    loaded: int | None = None
    steady: int | None = None
    steady_anonymous: int | None = None
    peak: int | None = None
    peak_since: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Environment:
    """The machine as it was around the measurement.

    Args:
        device: "local", or what the device file calls itself.
        model: of the machine, e.g. "Raspberry Pi 5 Model B Rev 1.0".
        cpu: its name.
        architecture: e.g. "x86_64", "aarch64".
        cores: that this process may use.
        features: instruction sets that int8 and fp16 kernels look for.
        memory: bytes in the machine.
        system: kernel and its release.
        python: version.
        governor: of the CPU frequency, e.g. "performance".
        frequency_before, frequency_after: MHz, the fastest core.
        frequency_limit: MHz, the most the hardware can do.
        load_before, load_after: average over the last minute.
        busy_elsewhere: cores that other processes kept busy while this one measured, on average.
        temperature_before, temperature_after: degrees Celsius, the hottest zone.
        thermal_before, thermal_after, thermal_worst: Android's thermal status, "none", "light", "moderate", "severe",
            "critical", "emergency" or "shutdown"; the worst is of the time between.
        battery_before, battery_after: percent.
        charging: a power source was connected.
        power_saver: the battery saver was on, before or after.
        debuggable: the app was a debug build, whose own code (the tokenizer) runs slower.
        screen_off: the screen was off, before or after.
        versions: distribution name -> version of reader and runtimes.
    """

    device: str = "local"
    model: str | None = None
    cpu: str | None = None
    architecture: str | None = None
    cores: int | None = None
    features: tuple[str, ...] = ()
    memory: int | None = None
    system: str | None = None
    python: str | None = None
    governor: str | None = None
    frequency_before: float | None = None
    frequency_after: float | None = None
    frequency_limit: float | None = None
    load_before: float | None = None
    load_after: float | None = None
    busy_elsewhere: float | None = None
    temperature_before: float | None = None
    temperature_after: float | None = None
    thermal_before: str | None = None
    thermal_after: str | None = None
    thermal_worst: str | None = None
    battery_before: float | None = None
    battery_after: float | None = None
    charging: bool | None = None
    power_saver: bool | None = None
    debuggable: bool | None = None
    screen_off: bool | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Validity:
    """Whether to believe the timings.

    Args:
        verdict: "valid", "warn" (true, but of a machine that was not quiet) or "invalid" (not of a model that works).
        reasons: a line each.
    """

    verdict: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Texts:
    """What was read.

    Args:
        source: in words.
        count: texts.
        tokens_min, tokens_p50, tokens_p90, tokens_max: their lengths with special tokens.
        truncated: how many were longer than the model takes.
    """

    source: str
    count: int
    tokens_min: int
    tokens_p50: float
    tokens_p90: float
    tokens_max: int
    truncated: int


@dataclass(frozen=True)
class Record:
    """One model, one device, one run.

    Args:
        name: the file's name or the baseline's.
        kind: "artifact" or "baseline".
        file: file name, None for a callable.
        sha256: of the file.
        bytes: size of the file.
        container: "pte", "tflite", "onnx", or None for a callable.
        quantization: name of the recipe that the manifest carries.
        engine: the runtime that ran it.
        engine_version: its version.
        threads: that it used.
        times: of `open` (seal checked, tokenizer built), `load` (the runtime opens the model), `first` (the first forward
            pass after load), and, warm, `tokenize`, `forward` (the runtime alone) and `end_to_end` (text to label).
        by_length: forward by exact length.
        texts: what it ran on.
        memory: of a process of its own.
        golden: whether the file's golden vectors held in this run; None for a baseline.
        golden_difference, golden_tolerance: the largest difference found and the one allowed, in logits.
        validity: verdict.
        noise: see statistics.noise_of.
        environment: the machine.
        how: which process measured it and in turns with what.
        note: the baseline's.
        measured_at: UTC, ISO 8601.
        schema: this layout.
    """

    name: str
    kind: str
    file: str | None
    sha256: str | None
    bytes: int | None
    container: str | None
    quantization: str | None
    engine: str
    engine_version: str
    threads: int
    times: Mapping[str, Phase]
    by_length: tuple[AtLength, ...]
    texts: Texts
    memory: Memory
    golden: bool | None
    golden_difference: float | None
    golden_tolerance: float | None
    validity: Validity
    noise: float | None
    environment: Environment
    how: str
    note: str
    measured_at: str
    schema: str = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, ready for JSON."""
        return _listed(asdict(self))

    @staticmethod
    def from_dict(entry: Mapping[str, Any]) -> Record:
        """Back from `to_dict()`; fields that this version does not know are dropped.

        Raises:
            UserError: another schema, or a field is missing or of another type.
        """
        if entry.get("schema") != SCHEMA:
            raise UserError(f'a bench record of schema "{entry.get("schema")}"; this version reads {SCHEMA}.')
        try:
            record = _RECORD.validate_json(json.dumps(entry, allow_nan=False), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise UserError(f"the bench record is malformed ({where}: {first['msg']}).") from None
        except (TypeError, ValueError, RecursionError) as error:
            raise UserError(f"the bench record is not JSON ({error}).") from None
        if "forward" not in record.times:
            raise UserError('the bench record is malformed (times: "forward" is missing).')
        return record


# JSON, since only there a strict check takes a list for a tuple and an object for a dataclass, and "3" for no number
_RECORD = TypeAdapter(Record)


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _listed(inner) for key, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, (list, tuple)) else value
