"""The figures of a study's record: mean and deviation over seeds, what is within noise of what, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from pocketbert.distill.auto import noise
from pocketbert.report.shown import NOTHING

OWN_STAGES = ("choice", "intermediate", "student", "files", "scores")  # what a variant does not share


@dataclass(frozen=True)
class Figure:
    """One metric of one model on one split, 0..1 or -1..1.

    Args:
        values: one per seed.
        rows: of the split.
    """

    values: tuple[float, ...]
    rows: int

    @property
    def mean(self) -> float:
        return fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation over seeds; None of one seed."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def error(self) -> float:
        """Standard error of the mean: from the seeds where there are several, else from the number of rows."""
        deviation = self.deviation
        return noise(self.mean, self.rows) if deviation is None else deviation / math.sqrt(len(self.values))


def within_noise(figure: Figure, other: Figure) -> bool:
    """Whether two figures differ by no more than one standard error of their difference."""
    return abs(figure.mean - other.mean) <= math.hypot(figure.error, other.error)


@dataclass(frozen=True)
class Runs:
    """The cells of one data set and variant, or of one place of a grid, that came to an end: one per seed.

    Args:
        data, name: of the data set, and of the variant or place.
        cells: of the record, those that an error ended too.
        split: on which they are compared: test where the data set has one.
    """

    data: str
    name: str
    cells: tuple[dict[str, Any], ...]
    split: str

    def figure(self, model: str, split: str | None = None) -> Figure | None:
        """The task's metric of a model; None where no cell has it."""
        split = split or self.split
        found = [value for cell in self.cells if (value := score(cell, model, split)) is not None]
        return Figure(tuple(found), self._rows(split)) if found else None

    @property
    def kept(self) -> Figure | None:
        """Share of the teacher's metric that the student keeps."""
        found = [cell["kept"][self.split] for cell in self.cells if self.split in cell.get("kept", {})]
        return Figure(tuple(found), self._rows(self.split)) if found else None

    def _rows(self, split: str) -> int:
        """A cell that ended before its data was read has none."""
        return next(cell["rows"][split] for cell in self.cells if "rows" in cell)

    @property
    def finished(self) -> list[dict[str, Any]]:
        """The cells that no error ended."""
        return [cell for cell in self.cells if "error" not in cell]

    def minutes(self, stages: Iterable[str] | None = None) -> float | None:
        """Of some stages, or of all that a build of this variant alone would run; the mean over seeds."""
        taken = [
            sum(seconds for name, seconds in cell["seconds"].items() if stages is None or name in stages) / 60
            for cell in self.finished
        ]
        return fmean(taken) if taken else None


def runs_of(record: dict[str, Any], kind: str) -> list[Runs]:
    """Variants ("variant") or places of a grid ("teacher", "student") of each data set, in the record's order."""
    cells = record["cells"]
    with_test = {cell["data"] for cell in cells if "test" in cell.get("rows", {})}
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for data in record["study"]["data"]:  # cells stand seed by seed
        for cell in cells:
            if cell["kind"] == kind and cell["data"] == data:
                found.setdefault((data, cell["name"]), []).append(cell)
    return [Runs(*place, tuple(group), "test" if place[0] in with_test else "dev") for place, group in found.items()]


def score(cell: dict[str, Any], model: str, split: str) -> float | None:
    """The task's metric of one model of a cell; None where it was not measured."""
    metrics = cell.get("models", {}).get(model, {}).get("metrics", {}).get(split)
    return None if metrics is None else metrics[cell["metric"]]


def points(value: float) -> str:
    """100 times a metric, with one decimal: metrics of several kinds stand in one column."""
    return f"{100 * value:.1f}"


def shown(figure: Figure | None) -> str:
    """ "91.2 ± 0.3", or "91.2" of one seed."""
    if figure is None:
        return NOTHING
    deviation = figure.deviation
    return points(figure.mean) if deviation is None else f"{points(figure.mean)} ± {points(deviation)}"


def near(figure: Figure, within: bool) -> str:
    """With a sign where it is within noise."""
    return f"≈ {shown(figure)}" if within else shown(figure)
