"""One line a model: its size and accuracy, its timings, its verification, and how it stands against the exported teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pocketbert.report.comparison import Model, exported_teacher, models, splits_of
from pocketbert.report.measured import Measured, measurements
from pocketbert.report.shown import NOTHING, show_bytes, show_ms, show_points


@dataclass(frozen=True)
class Against:
    """A student's file held against the teacher's of the same container and precision.

    Args:
        teacher: that model.
        speed: the teacher's median time over this one's, both of one run; None where one was not timed.
        size: bytes over the teacher's.
        points: of the metric on the last split, as shown.
    """

    teacher: Model
    speed: float | None
    size: float | None
    points: str

    @property
    def parts(self) -> list[str]:
        """ "3.4 × as fast", "48 % of the size", "−1.3 points"; what was not measured is left out."""
        speed = [] if self.speed is None else [f"{self.speed:.1f} × as fast"]
        size = [] if self.size is None else [f"{100 * self.size:.0f} % of the size"]
        return speed + size + ([self.points] if self.points else [])


@dataclass(frozen=True)
class Standing:
    """A model with everything that was seen of it.

    Args:
        model: of the comparison.
        measured: None where it was not timed.
        passed: verification of a file; None for what is no file or was not verified.
        against: None for what is no student's file, or where the teacher has no such file.
    """

    model: Model
    measured: Measured | None
    passed: bool | None
    against: Against | None

    @property
    def size(self) -> str:
        return show_bytes(self.model.bytes)

    @property
    def p50(self) -> str:
        return show_ms(self.measured.p50 if self.measured else None)

    @property
    def compared(self) -> str:
        if self.model.failed:
            return f"not exported: {self.model.failed}"
        return NOTHING if self.against is None else ", ".join(self.against.parts) or NOTHING

    @property
    def memory(self) -> str:
        return show_bytes(self.measured.over_base if self.measured else None)


def standings(summary: dict[str, Any]) -> list[Standing]:
    """All models in their order."""
    # None, the file of what is none, finds nothing
    timed: dict[str | None, Measured] = {record.file: record for record in measurements(summary) if record.file}
    passed = {entry["file"]: entry.get("passed") for entry in summary.get("files", [])}
    compared, splits, metric = models(summary), splits_of(summary), summary.get("metric", "accuracy")
    found = []
    for model in compared:
        against, teacher = None, exported_teacher(compared, model)
        if teacher is not None:
            slow, fast = timed.get(teacher.file), timed.get(model.file)
            speed = slow.p50 / fast.p50 if slow and fast and slow.p50 and fast.p50 else None
            size = model.bytes / teacher.bytes if model.bytes and teacher.bytes else None
            own, its = (model.score(splits[-1]), teacher.score(splits[-1])) if splits else (None, None)
            against = Against(teacher, speed, size, "" if own is None or its is None else show_points(metric, own, its))
        found.append(Standing(model, timed.get(model.file), passed.get(model.file), against))
    return found
