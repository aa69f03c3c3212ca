"""What the report takes from a bench record, as pocketbert.bench.record lays it out. No other file here reads one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pocketbert.report.plots import Box

# Texts have many lengths; within eight tokens their times differ less than a busy machine's do from run to run.
BIN = 8
WHISKERS = (0, 25, 50, 75, 95)  # percentiles of a box; the last five of a hundred are the machine's doing
FEWEST = 5  # samples, below which quartiles say nothing


@dataclass(frozen=True)
class Spread:
    """Forward times of the texts of `tokens` to `tokens` + BIN - 1 tokens, ms."""

    tokens: int
    runs: int
    box: Box

    @property
    def lengths(self) -> str:
        return f"{self.tokens}–{self.tokens + BIN - 1}"


@dataclass(frozen=True)
class AtLength:
    """Forward times of text of exactly `tokens` tokens, ms."""

    tokens: int
    runs: int
    least: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Measured:
    """One record, as far as the report shows it: times in ms, memory in bytes, None where nothing was measured.

    Args:
        name: a file's container, a baseline's name.
        file: None for a baseline.
        teacher: it is one of the teacher's files.
        note: what a baseline is.
        unmeasured: why memory has no figures.
    """

    name: str
    file: str | None
    teacher: bool
    engine: str
    threads: int | None
    load: float | None
    first: float | None
    tokenize: float | None
    end_to_end: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    spreads: tuple[Spread, ...]
    lengths: tuple[AtLength, ...]
    base: int | None
    loaded: int | None
    steady: int | None
    peak: int | None
    note: str
    unmeasured: str
    golden: bool | None
    verdict: str | None
    reasons: tuple[str, ...]

    @property
    def title(self) -> str:
        """The file's name, or the baseline's."""
        return self.file or self.name

    @property
    def brief(self) -> str:
        """What there is room for in a plot: "student .pte" for a file."""
        return f"{'teacher' if self.teacher else 'student'} .{self.name}" if self.file else self.name

    @property
    def over_base(self) -> int | None:
        """What the model and its buffers add to a process that has loaded runtime and tokenizer."""
        return None if self.steady is None or self.base is None else self.steady - self.base


def measurements(summary: dict[str, Any]) -> list[Measured]:
    """All records of the bench, in their order."""
    teachers = {entry.get("file") for entry in summary.get("teacher_files") or ()}
    return [_measured(entry, teachers) for entry in summary.get("bench") or ()]


def _measured(entry: dict[str, Any], teachers: set[str | None]) -> Measured:
    times, memory, validity = (entry.get(key) or {} for key in ("times", "memory", "validity"))
    p50 = {phase: (times.get(phase) or {}).get("p50") for phase in ("load", "first", "tokenize", "end_to_end")}
    forward = times.get("forward") or {}
    sealed = entry.get("kind") == "artifact"
    return Measured(
        name=entry["container"] if sealed else entry["name"],
        file=entry["file"] if sealed else None,
        teacher=sealed and entry["file"] in teachers,
        engine=" ".join(filter(None, (entry.get("engine"), entry.get("engine_version")))),
        threads=entry.get("threads"),
        **p50,
        **{name: forward.get(name) for name in ("p50", "p90", "p95", "p99")},
        spreads=_spreads(forward),
        lengths=tuple(
            AtLength(row["length"], row["runs"], row["min"], row["p50"], row["p90"]) for row in entry.get("by_length") or ()
        ),
        **{name: memory.get(name) for name in ("base", "loaded", "steady", "peak")},
        note=entry.get("note") or "",
        unmeasured=memory.get("note") or "",
        golden=entry.get("golden"),
        verdict=validity.get("verdict"),
        reasons=tuple(validity.get("reasons") or ()),
    )


def _spreads(phase: dict[str, Any]) -> tuple[Spread, ...]:
    """The samples of a phase by the lengths of their texts."""
    found: dict[int, list[float]] = {}
    for sample, tokens in zip(phase.get("samples") or (), phase.get("tokens") or (), strict=False):
        found.setdefault((tokens - 1) // BIN * BIN + 1, []).append(sample)
    enough = {least: found[least] for least in sorted(found) if len(found[least]) >= FEWEST}
    return tuple(Spread(least, len(ms), Box(*map(float, np.percentile(ms, WHISKERS)))) for least, ms in enough.items())
