"""One line a model: its rung of the ladder, its timings and its verification brought together, for the short tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pocketbert.report.ladder import Rung, file_of, ladder
from pocketbert.report.measured import Measured, measurements, teacher_of
from pocketbert.report.shown import NOTHING, show_bytes, show_ms


@dataclass(frozen=True)
class Standing:
    """A model of the ladder, or one that was only timed beside it.

    Args:
        name: as the ladder or the bench calls it.
        rung: None for a baseline.
        measured: None where it was not timed.
        passed: verification of a file; None for what is no file or was not verified.
        speedup: the PyTorch teacher's median over this one's, both of one run.
    """

    name: str
    rung: Rung | None
    measured: Measured | None
    passed: bool | None
    speedup: float | None

    @property
    def size(self) -> str:
        known = self.rung.bytes if self.rung else self.measured.bytes if self.measured else None
        return show_bytes(known)

    @property
    def p50(self) -> str:
        return show_ms(self.measured.p50 if self.measured else None)

    @property
    def times(self) -> str:
        return NOTHING if self.speedup is None else f"{self.speedup:.1f} ×"

    @property
    def memory(self) -> str:
        return show_bytes(self.measured.over_base if self.measured else None)


def standings(summary: dict[str, Any]) -> list[Standing]:
    """The rungs in their order, then what was only timed."""
    records, rungs = measurements(summary), ladder(summary)
    teacher, found, used = teacher_of(records), [], set()
    for rung in rungs:
        record = next((r for r in records if r.belongs_to(rung.name, rung.file)), None)
        used.add(id(record))
        entry = file_of(summary, rung.file)
        found.append(Standing(rung.name, rung, record, entry.get("passed") if entry else None, _speedup(teacher, record)))
    left = [record for record in records if id(record) not in used]
    return found + [Standing(record.title, None, record, None, _speedup(teacher, record)) for record in left]


def _speedup(teacher: Measured | None, record: Measured | None) -> float | None:
    if teacher is None or record is None or not teacher.p50 or not record.p50:
        return None
    return teacher.p50 / record.p50
