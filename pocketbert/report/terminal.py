"""The tables that end a build on the terminal."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from pocketbert.report.ladder import splits_of
from pocketbert.report.shown import NOTHING, show_score
from pocketbert.report.standing import standings
from pocketbert.report.words import verdict

MARKS = {True: "[green]passed[/]", False: "[bold red]FAILED[/]", None: f"[dim]{NOTHING}[/]"}


def terminal_tables(summary: dict[str, Any]) -> list[Table]:
    """One line a model: accuracy, size, median time of a forward pass, memory over an empty process, verification."""
    splits, metric = splits_of(summary), summary.get("metric", "accuracy")
    lines = standings(summary)
    timed = any(line.measured for line in lines)
    table = Table(
        title=escape(str(summary["name"])), title_justify="left", caption=escape(verdict(summary)), caption_justify="left"
    )
    table.add_column("model")
    for split in splits:
        table.add_column(f"{metric}\n{split}", justify="right")
    table.add_column("size", justify="right", no_wrap=True)
    if timed:
        table.add_column("p50 of\none text", justify="right", no_wrap=True)
        table.add_column("against\nteacher", justify="right", no_wrap=True)
        table.add_column("memory\nover base", justify="right", no_wrap=True)
    table.add_column("verified")
    for line in lines:
        scores = [show_score(metric, line.rung.score(split) if line.rung else None) for split in splits]
        speed = [line.p50, line.times, line.memory] if timed else []
        table.add_row(escape(line.name), *scores, line.size, *speed, MARKS[line.passed])
    return [table]
