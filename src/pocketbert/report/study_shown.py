"""How a study's figures are written."""

from __future__ import annotations

from pocketbert.report.shown import NOTHING
from pocketbert.report.study_figures import Figure


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
