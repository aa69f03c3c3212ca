"""What `auto` chose beside the best of a grid: the grid's place is chosen on dev, as `auto` chooses, and test only judges."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from pocketbert.report.shown import NOTHING
from pocketbert.report.study_figures import Figure, Runs, runs_of, shown, within_noise
from pocketbert.tasks.markdown import markdown_table

KINDS = ("teacher", "student")
HEAD = ("data", "of", "best of the grid", "dev", "test", "auto: dev", "test", "auto – grid: dev", "test")


def grid_table(record: dict[str, Any]) -> str:
    """One line per data set and grid, then the averages; empty where the study has no grid, or not yet.

    Raises:
        KeyError: the record is not complete.
    """
    autos = {line.data: line for line in runs_of(record, "variant") if line.name == "auto"}
    rows, averages = [], []
    for kind in KINDS:
        places = runs_of(record, kind)
        differences: dict[str, list[float]] = {"dev": [], "test": []}
        for data in dict.fromkeys(place.data for place in places):
            best = _best([place for place in places if place.data == data], kind)
            if best is None:
                continue
            auto = autos.get(data)
            pairs = {split: (_figure(best, kind, split), _figure(auto, kind, split)) for split in ("dev", "test")}
            for split, (grid, own) in pairs.items():
                differences[split] += [] if grid is None or own is None else [own.mean - grid.mean]
            values = best.cells[0]["values"]
            where = f"rate {values['learning_rate']:g}, epochs {values['epochs']:g}"
            figures = [shown(pairs[split][side]) for side in (0, 1) for split in pairs]
            rows.append([data, kind, where, *figures, *(_difference(own, grid) for grid, own in pairs.values())])
        if len(differences["dev"]) > 1:
            means = [_signed(fmean(found)) if len(found) > 1 else NOTHING for found in differences.values()]
            sets = f"*average of {len(differences['dev'])} sets, {len(differences['test'])} with test*"
            averages.append([sets, kind, *[""] * 5, *means])
    if not rows:
        return ""
    return f"{markdown_table(HEAD, rows + averages, texts=3)}\n\n{_remarks(record)}"


def _best(places: Sequence[Runs], kind: str) -> Runs | None:
    """By the mean on dev; of equal ones the first."""
    known = [(figure.mean, place) for place in places if (figure := place.figure(kind, "dev")) is not None]
    return max(known, key=lambda entry: entry[0])[1] if known else None


def _figure(runs: Runs | None, kind: str, split: str) -> Figure | None:
    return None if runs is None else runs.figure(kind, split)


def _difference(own: Figure | None, grid: Figure | None) -> str:
    if own is None or grid is None:
        return NOTHING
    return f"{'≈ ' if within_noise(own, grid) else ''}{_signed(own.mean - grid.mean)}"


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}"


def _remarks(record: dict[str, Any]) -> str:
    grids = record["study"]["grids"]
    sizes = [
        f"{kind}: learning rates {_listed(grid['learning_rate'])} with epochs {_listed(grid['epochs'])}"
        for kind in KINDS
        if (grid := grids.get(kind)) is not None
    ]
    return (
        f"The grids: {'; '.join(sizes)}. The best is taken on dev. A negative difference is what `auto` leaves to the grid, "
        "in points; ≈ is within one standard error. The student's grid is of logits alone, from the teacher of `auto`."
    )


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
