"""The sections that judge: is the student worth shipping, what the doctor found, the checks, and how the numbers were found."""

from __future__ import annotations

from typing import Any

from pocketbert.distill.auto import show_tried, show_value
from pocketbert.report.comparison import NOT_WORTH
from pocketbert.report.markup import Column, Html, bullets, element, paragraph, section, table
from pocketbert.report.shown import NOTHING
from pocketbert.report.words import failures, told

MARKS = {True: ("passed", "good"), False: ("FAILED", "bad"), None: ("not judged", "soft")}
LEVELS = {"ok": ("passed", "good"), "warning": ("warning", "soft"), "failed": ("FAILED", "bad")}


def alarm(summary: dict[str, Any]) -> Html | None:
    """What stands before everything else where the student is not good enough."""
    if summary.get("standing") != NOT_WORTH:
        return None
    whole = " The files are whole, but not good enough:"
    ended = " The build ended at its teacher, and nothing was distilled:"
    head = paragraph(element("span", "NOT WORTH SHIPPING.", class_="bad"), whole if summary.get("files") else ended)
    said = [element("span", element("b", f"{finding['name']}: "), told(finding)) for finding in failures(summary)]
    return element("div", head, bullets(said), class_="alarm", role="alert")


def doctor(summary: dict[str, Any]) -> Html | None:
    """What was found before the training, as far as it is not in order."""
    found = [finding for finding in summary.get("doctor") or () if finding["level"] != "ok"]
    return section("Doctor", _findings("Found before the training", found)) if found else None


def checks(summary: dict[str, Any]) -> Html | None:
    """Of the student, then of every file."""
    judged = summary.get("checks") or []
    found = [_findings("Is the student worth shipping?", judged)] if judged else []
    columns = [Column("check"), Column("result"), Column("what was seen", wide=True)]
    for entry in summary.get("files", []):
        rows = [[check["name"], mark(check.get("passed")), check.get("detail", "")] for check in entry.get("checks", [])]
        words = {True: "passed", False: "FAILED", None: "not verified"}[entry.get("passed")]
        found.append(table(f"{entry['file']}: {words}", columns, rows) if rows else paragraph(f"{entry['file']}: {words}."))
    return section("Checks", *found) if found else None


def training(summary: dict[str, Any]) -> Html | None:
    """What "auto" chose in every stage, and the minutes planned and taken."""
    stages = summary.get("training") or {}
    if not stages:
        return None
    columns = [*map(Column, ("stage", "option", "value"))]
    columns += [Column("tried (score on dev)", wide=True), Column("why", wide=True)]
    rows = [
        [stage, choice["option"].replace("_", " "), show_value(choice["value"]), show_tried(choice) or NOTHING, choice["why"]]
        for stage, part in stages.items()
        for choice in part["choices"]
    ]
    times = [Column("stage"), Column("planned", number=True), Column("taken", number=True)]
    minutes = [[stage, _minutes(part["planned_minutes"]), _minutes(part["minutes"])] for stage, part in stages.items()]
    return section(
        "How the numbers were found",
        table("What nobody gave, and the build chose", columns, rows) if rows else None,
        table("Time, in minutes", times, minutes),
    )


def mark(passed: bool | None) -> Html:
    word, kind = MARKS[passed]
    return element("span", word, class_=kind)


def _findings(caption: str, findings: list[dict[str, Any]]) -> Html:
    columns = [Column("check"), Column("result"), Column("what was seen", wide=True), Column("what to try", wide=True)]
    rows = []
    for finding in findings:
        word, kind = LEVELS[finding["level"]]
        rows.append([finding["name"], element("span", word, class_=kind), finding["detail"], finding.get("fix") or NOTHING])
    return table(caption, columns, rows)


def _minutes(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"
