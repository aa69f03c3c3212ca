"""The table and the lines that end a build on the terminal."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from pocketbert.report.comparison import NOT_WORTH, splits_of
from pocketbert.report.shown import NOTHING, show_score
from pocketbert.report.standing import standings
from pocketbert.report.words import footnote, told, verdict

MARKS = {True: "[green]passed[/]", False: "[bold red]FAILED[/]", None: f"[dim]{NOTHING}[/]"}


def terminal_tables(summary: dict[str, Any]) -> list[Table]:
    """One line a model: accuracy, size, median time of a forward pass, memory over an empty process, verification."""
    splits, metric = splits_of(summary), summary.get("metric", "accuracy")
    lines = standings(summary)
    timed = any(line.measured for line in lines)
    against = any(line.against or line.model.failed for line in lines)
    said = "\n".join(filter(None, (verdict(summary), footnote(summary))))
    table = Table(title=escape(str(summary["name"])), title_justify="left", caption=escape(said), caption_justify="left")
    table.add_column("model")
    for split in splits:
        table.add_column(f"{metric}\n{split}", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    if timed:
        table.add_column("p50 of\none text", justify="right", no_wrap=True)
    if against:
        table.add_column("against the\nexported teacher", max_width=24)
    if timed:
        table.add_column("memory\nover base", justify="right", no_wrap=True)
    table.add_column("verified")
    for line in lines:
        row = [escape(line.model.name), *(show_score(metric, line.model.score(split)) for split in splits), line.size]
        row += ([line.p50] if timed else []) + ([escape(line.compared)] if against else []) + ([line.memory] if timed else [])
        table.add_row(*row, MARKS[line.passed])
    return [table]


def standing_lines(summary: dict[str, Any]) -> list[str]:
    """A line for each check of the student that warns or failed, with what to try, and what follows; none if all is well."""
    lines = []
    for finding in sorted(summary.get("checks") or (), key=lambda finding: finding["level"] == "failed"):
        colour = {"failed": "bold red", "warning": "yellow"}.get(finding["level"])
        if colour:
            lines.append(f"[{colour}]{finding['level']}  {escape(finding['name'])}:[/] {escape(told(finding))}")
    if summary.get("standing") == NOT_WORTH:
        lines.append(f"[bold red]{escape(str(summary['name']))} is NOT WORTH SHIPPING.[/] The files are there, and whole.")
    return lines
