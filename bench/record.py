"""One schema for every measurement, whoever made it: this package, a phone, a later version."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from pocketbert.tasks import UserError

SCHEMA = 1


@dataclass(frozen=True)
class Times:
    """Milliseconds of one phase.

    Args:
        count: samples.
        mean, std, low, high: of all samples; std is the population's.
        p50, p90, p95, p99: percentiles, linear between samples (numpy's default, Hyndman and Fan's type 7).
        samples: all of them, in the order measured.
        tokens: length of each sample's text in tokens, where the phase depends on it.
    """

    count: int
    mean: float
    std: float
    low: float
    high: float
    p50: float
    p90: float
    p95: float
    p99: float
    samples: tuple[float, ...] = ()
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True)
class Memory:
    """Resident bytes of a process of its own (Linux: VmRSS, VmHWM).

    Args:
        base: with this package, the tokenizer and the checked seal loaded, before the runtime.
        loaded: with the runtime's libraries and the model open.
        steady: after runs at several lengths up to the longest.
        peak: the most there ever was.
    """

    base: int
    loaded: int
    steady: int
    peak: int


@dataclass(frozen=True)
class Validity:
    """`valid`, `warn` or `invalid`, and a sentence a reason."""

    verdict: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """One subject measured on one device.

    Args:
        name: "pte", "tflite", "onnx" for sealed files, else the baseline's name.
        file, sha256: of a sealed file; None for a baseline.
        engine: runtime and version.
        threads: of the runtime.
        bytes: of the file, or of a baseline's weights.
        times: phase -> Times. "load" (open the checked file in its runtime), "first" (first inference), "tokenize",
            "forward", "end_to_end" (tokenize, forward, labels), "by_length" (forward at fixed lengths).
        memory: None where it was not measured; `memory_note` says why.
        golden: whether the file gave its own golden outputs in this run; None for a baseline.
        golden_difference: the largest difference from them.
        process: where it was timed; figures are paired within one run, round by round.
        environment: see environment.py.
        validity: whether to trust the figures.
        created: ISO 8601, UTC.
    """

    name: str
    file: str | None
    sha256: str | None
    engine: str
    threads: int
    bytes: int | None
    times: dict[str, Times]
    memory: Memory | None
    memory_note: str | None
    golden: bool | None
    golden_difference: float | None
    process: str
    environment: dict[str, Any]
    validity: Validity
    created: str
    schema: int = field(default=SCHEMA)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def record_from_dict(entry: dict[str, Any]) -> Record:
    """The record behind its JSON form; unknown keys are ignored.

    Raises:
        UserError: another schema, or a key is missing.
    """
    if entry.get("schema") != SCHEMA:
        raise UserError(f"this bench record has schema {entry.get('schema')}, and this version reads {SCHEMA}.")
    try:
        known = _known(Record, entry)
        times = {phase: Times(**_tuples(_known(Times, values))) for phase, values in entry["times"].items()}
        memory = None if entry["memory"] is None else Memory(**_known(Memory, entry["memory"]))
        validity = Validity(**_tuples(_known(Validity, entry["validity"])))
        return Record(**{**known, "times": times, "memory": memory, "validity": validity})
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"this is no whole bench record ({error}).") from None


def read_records(path: Path | str) -> list[Record]:
    """The records of a .json (a list) or .jsonl file.

    Raises:
        UserError: names the file.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        entries = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
        return [record_from_dict(entry) for entry in entries]
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from None
    except (ValueError, AttributeError, UserError) as error:
        raise UserError(f"{path}: {error}") from None


def _known(cls: type, entry: dict[str, Any]) -> dict[str, Any]:
    return {f.name: entry[f.name] for f in fields(cls) if f.name in entry}


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
