"""What the report takes from a bench record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pocketbert.bench.record import Record

# Texts have many lengths; within eight tokens their times differ less than a busy machine's do from run to run.
BIN = 8
QUANTILES = (0, 25, 50, 75, 95)  # percent; the last five of a hundred are the machine's doing
FEWEST = 5  # samples, below which quartiles say nothing


def is_file(record: Record) -> bool:
    """Whether it is of a sealed file, whose name it has; a baseline is something else to compare with, in a file or none."""
    return record.kind == "artifact"


def quantile(record: Record, phase: str, name: str = "p50") -> float | None:
    """ "p50" and the like of a phase, ms; None where it was not timed."""
    return getattr(record.times[phase], name) if phase in record.times else None


def over_base(record: Record) -> int | None:
    """Bytes that the model and its buffers add to a process that has loaded runtime and tokenizer."""
    memory = record.memory
    return None if memory.steady is None or memory.base is None else memory.steady - memory.base


@dataclass(frozen=True)
class Spread:
    """Forward times of the texts of `tokens` to `tokens` + BIN - 1 tokens: least, p25, p50, p75 and p95 in ms."""

    tokens: int
    runs: int
    ms: tuple[float, ...]

    @property
    def lengths(self) -> str:
        return f"{self.tokens}–{self.tokens + BIN - 1}"


def spreads(record: Record) -> list[Spread]:
    """The forward times by the lengths of the texts, where there are enough of a length."""
    found: dict[int, list[float]] = {}
    phase = record.times.get("forward")
    for sample, tokens in zip(phase.samples, phase.tokens, strict=False) if phase else ():
        found.setdefault((tokens - 1) // BIN * BIN + 1, []).append(sample)
    enough = {least: found[least] for least in sorted(found) if len(found[least]) >= FEWEST}
    return [Spread(least, len(ms), tuple(map(float, np.percentile(ms, QUANTILES)))) for least, ms in enough.items()]
