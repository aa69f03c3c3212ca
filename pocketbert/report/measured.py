"""What the report takes from a bench record, as pocketbert.bench.record lays it out. No other file here reads one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from pocketbert.report.plots import Box

TEACHER = "teacher"  # the baseline that speed is held against


@dataclass(frozen=True)
class AtLength:
    """Forward times at one length of the text, ms: least, quartiles and most of `runs` samples."""

    tokens: int
    runs: int
    low: float
    first: float
    median: float
    third: float
    high: float

    @property
    def box(self) -> Box:
        return Box(self.low, self.first, self.median, self.third, self.high)


@dataclass(frozen=True)
class Measured:
    """One record, as far as the report shows it: times in ms, memory in bytes, None where nothing was measured."""

    name: str
    file: str | None
    engine: str
    threads: int | None
    bytes: int | None
    load: float | None
    first: float | None
    tokenize: float | None
    end_to_end: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    lengths: tuple[AtLength, ...]
    base: int | None
    loaded: int | None
    steady: int | None
    peak: int | None
    memory_note: str | None
    golden: bool | None
    verdict: str | None
    reasons: tuple[str, ...]

    @property
    def title(self) -> str:
        """The file's name, or the baseline's."""
        return self.file or self.name

    @property
    def brief(self) -> str:
        """What there is room for in a plot: ".pte" of a file."""
        return f".{self.name}" if self.file else self.name

    @property
    def over_base(self) -> int | None:
        """What runtime, model and buffers add to a process that only holds the tokenizer."""
        return None if self.steady is None or self.base is None else self.steady - self.base

    def belongs_to(self, rung: str, file: str | None) -> bool:
        """Whether it timed that rung of the ladder."""
        return self.file == file if file is not None else self.file is None and self.name == rung


def measurements(summary: dict[str, Any]) -> list[Measured]:
    """All records of the bench, in their order."""
    return [_measured(entry) for entry in summary.get("bench") or ()]


def teacher_of(records: list[Measured]) -> Measured | None:
    """The PyTorch teacher, if it was timed in this run."""
    return next((record for record in records if record.name == TEACHER and record.file is None), None)


def _measured(entry: dict[str, Any]) -> Measured:
    times, memory, validity = (entry.get(key) or {} for key in ("times", "memory", "validity"))
    p50 = {phase: (times.get(phase) or {}).get("p50") for phase in ("load", "first", "tokenize", "end_to_end")}
    forward = times.get("forward") or {}
    return Measured(
        name=entry["name"],
        file=entry.get("file"),
        engine=entry.get("engine") or "",
        threads=entry.get("threads"),
        bytes=entry.get("bytes"),
        **p50,
        **{name: forward.get(name) for name in ("p50", "p90", "p95", "p99")},
        lengths=_by_length(times.get("by_length") or {}),
        **{name: memory.get(name) for name in ("base", "loaded", "steady", "peak")},
        memory_note=entry.get("memory_note"),
        golden=entry.get("golden"),
        verdict=validity.get("verdict"),
        reasons=tuple(validity.get("reasons") or ()),
    )


def _by_length(phase: dict[str, Any]) -> tuple[AtLength, ...]:
    found: dict[int, list[float]] = defaultdict(list)
    for sample, tokens in zip(phase.get("samples") or (), phase.get("tokens") or (), strict=True):
        found[tokens].append(sample)
    five = {tokens: np.percentile(found[tokens], (0, 25, 50, 75, 100)) for tokens in sorted(found)}
    return tuple(AtLength(tokens, len(found[tokens]), *map(float, figures)) for tokens, figures in five.items())
