"""The report: one HTML file, laid out by page.html.jinja."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pocketbert.report.shown import show_time
from pocketbert.report.summary import NOT_WORTH, read_summary
from pocketbert.report.words import good, told, verdict
from pocketbert.tasks.errors import not_installed
from pocketbert.tasks.files import write_file

# Every text colour stands at 4.5:1 or more against its background, every line and bar at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11);
# tests/pocketbert/test_report.py computes it.
COLOURS = {  # on light and on dark; the reader's system chooses which
    "paper": ("#ffffff", "#14171b"),
    "panel": ("#f4f6f8", "#1d2126"),
    "ink": ("#1b1f24", "#e7eaee"),
    "soft": ("#545c66", "#aab2bc"),
    "rule": ("#d3d8de", "#3b424b"),
    "link": ("#0a58a8", "#7cbcff"),
    "good": ("#146c3c", "#6fd39b"),
    "bad": ("#b3261e", "#ff8a80"),
    "one": ("#0b62b4", "#6fb4f5"),
    "two": ("#b8500b", "#f2a25c"),
    "three": ("#1a7f55", "#63cf9d"),
    "four": ("#7d41a8", "#cb9bea"),
}
LIGHT, DARK = ({name: pair[i] for name, pair in COLOURS.items()} for i in (0, 1))

# Cells that have a colour.
MARKS = {"passed": "good", "valid": "good", "FAILED": "bad", "invalid": "bad"}
MARKS |= dict.fromkeys(("not judged", "warning", "warn"), "soft")


def write_report(summary: Mapping[str, Any], path: Path) -> None:
    """Writes the page of a build's summary.

    Args:
        summary: summary.json as a dictionary; what a build did not make (a baseline, a test set, timings, a teacher) may be
            missing.
        path: the .html to write; whole or not at all.

    Raises:
        UserError: matplotlib or Jinja2 is missing, the summary is not complete, or the page cannot be written.
    """
    write_file(Path(path), render(summary).encode("utf-8"))


def render(summary: Mapping[str, Any]) -> str:
    """The page. The same summary and the same matplotlib give the same bytes."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        from pocketbert.report.sections import sections
    except ImportError as error:
        raise not_installed("the report", error.name, "report") from None

    seen = read_summary(summary)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.loader = FileSystemLoader(Path(__file__).parent)
    environment.filters["time"] = show_time
    return environment.get_template("page.html.jinja").render(
        seen=seen,
        sections=[section for section in sections(seen) if any(table.rows for table in section.tables)],
        good=good(seen),
        verdict=verdict(seen),
        told=told,
        marks=MARKS,
        light=LIGHT,
        dark=DARK,
        not_worth=NOT_WORTH,
    )
