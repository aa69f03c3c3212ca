"""What the report takes from a bench record. The only file here that knows how a record is laid out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from pocketbert.report.plots import Box

TEACHER = "teacher"
# Exact lengths are many; eight tokens wide, a bin holds texts whose times differ less than the machine's own noise.
BIN = 8
FEWEST = 5  # runs, below which quartiles say nothing


@dataclass(frozen=True)
class AtLength:
    """Forward times of the texts of a range of lengths, ms.

    Args:
        name: "9–16", in tokens.
        tokens: the least of them.
        runs: how many samples.
        low, first, median, third, high: least, p25, p50, p75, p95.
    """

    name: str
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
    steady: int | None
    peak: int | None
    memory_note: str | None
    golden: bool | None
    verdict: str | None
    reasons: tuple[str, ...]

    @property
    def over_base(self) -> int | None:
        """What the model adds to a process that has loaded its runtime's libraries or nothing."""
        return None if self.steady is None or self.base is None else self.steady - self.base

    @property
    def trusted(self) -> bool | None:
        return None if self.verdict is None else self.verdict == "valid"

    def belongs_to(self, rung: str, file: str | None) -> bool:
        """Whether it timed that rung of the ladder."""
        return self.file == file if file is not None else self.file is None and self.name == rung


def measurements(summary: dict[str, Any]) -> list[Measured]:
    """All records of the bench, in their order."""
    return [_measured(entry) for entry in summary.get("bench") or ()]


def teacher_of(records: list[Measured]) -> Measured | None:
    """The PyTorch teacher, if it was timed in this run."""
    return next((record for record in records if record.name == TEACHER), None)


def _measured(entry: dict[str, Any]) -> Measured:
    times, memory = entry.get("times") or {}, entry.get("memory") or {}
    forward, validity = times.get("forward") or {}, entry.get("validity") or {}
    return Measured(
        name=entry["name"],
        file=entry.get("file"),
        engine=entry.get("engine") or "",
        threads=entry.get("threads"),
        bytes=entry.get("bytes"),
        load=(times.get("load") or {}).get("p50"),
        first=(times.get("first") or {}).get("p50"),
        tokenize=(times.get("tokenize") or {}).get("p50"),
        end_to_end=(times.get("end_to_end") or {}).get("p50"),
        **{name: forward.get(name) for name in ("p50", "p90", "p95", "p99")},
        lengths=_by_length(forward.get("samples") or [], forward.get("tokens") or []),
        base=memory.get("base"),
        steady=memory.get("steady"),
        peak=memory.get("peak"),
        memory_note=memory.get("note"),
        golden=entry.get("golden"),
        verdict=validity.get("verdict"),
        reasons=tuple(validity.get("reasons") or ()),
    )


def _by_length(samples: list[float], tokens: list[int]) -> tuple[AtLength, ...]:
    bins: dict[int, list[float]] = defaultdict(list)
    for sample, count in zip(samples, tokens, strict=False):
        bins[(count - 1) // BIN].append(sample)
    return tuple(_at_length(place, bins[place]) for place in sorted(bins) if len(bins[place]) >= FEWEST)


def _at_length(place: int, samples: list[float]) -> AtLength:
    five = np.percentile(samples, (0, 25, 50, 75, 95))
    least = place * BIN + 1
    return AtLength(f"{least}–{least + BIN - 1}", least, len(samples), *(float(value) for value in five))
