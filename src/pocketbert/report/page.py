"""The report: one HTML file that needs nothing beside it, no network and no script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketbert.report import judgement, sections
from pocketbert.report.markup import Html, element, join
from pocketbert.report.shown import show_time
from pocketbert.report.style import style_sheet
from pocketbert.report.words import good, verdict
from pocketbert.tasks.files import write_file


def write_report(summary: dict[str, Any], path: Path) -> None:
    """Writes the page of a build's summary.

    Args:
        summary: summary.json as a dictionary, schema 2; parts that a build did not make (a baseline, a test set, timings, a
            teacher) may be missing.
        path: the .html to write; whole or not at all.

    Raises:
        UserError: matplotlib is missing, or the page cannot be written.
    """
    write_file(Path(path), render(summary).encode("utf-8"))


def render(summary: dict[str, Any]) -> str:
    """The page. The same summary and the same matplotlib give the same bytes."""
    name = str(summary["name"])
    made = f"Written by {summary['command']}" if summary.get("command") else "Written by pocketbert"
    when = f", {show_time(summary['created'])}" if summary.get("created") else ""
    parts = [
        element("h1", f"{name}: what was built and measured"),
        judgement.alarm(summary),
        element("p", f"{made}{when}", class_="soft"),
        element("p", verdict(summary), class_="verdict" if good(summary) else "verdict failed"),
        sections.warnings(summary),
        judgement.doctor(summary),
        sections.against(summary),
        sections.accuracy(summary),
        sections.sizes(summary),
        sections.speed(summary),
        sections.memory(summary),
        judgement.checks(summary),
        judgement.training(summary),
        sections.use(summary),
        sections.delegation(summary),
        sections.environment(summary),
    ]
    return _document(f"{name} – pocketbert report", join(part for part in parts if part))


def _document(title: str, body: Html) -> str:
    head = join(
        [
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark">'),
            # what the page promises, held by the browser: nothing is fetched and nothing runs
            Html("""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""),
            element("title", title),
            element("style", Html(style_sheet())),
        ]
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n'
