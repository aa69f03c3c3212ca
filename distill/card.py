"""The model card: what was made of what, under which licences, and how good it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pocketbert.distill.disk import write_file
from pocketbert.tasks import Task

if TYPE_CHECKING:
    from pocketbert.tasks.worth import Finding

CHECKS = "## Checks"
UNKNOWN = "unknown"
LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")


@dataclass(frozen=True)
class Card:
    """What a card says.

    Args:
        name: the model's.
        task: what it does.
        max_length: longest input in tokens.
        teacher: what it learnt from, by name; a teacher's own card names its encoder here.
        teacher_licence: see `licence_of_model`.
        data: the data's name.
        data_licence: see `licence_of_data`.
        steps: how it was made, a line a stage.
        metrics: name of a model or data set -> its metrics by name.
        checks: whether it is worth shipping, a line a check (`check_lines`).
    """

    name: str
    task: Task
    max_length: int
    teacher: str
    teacher_licence: str
    data: str
    data_licence: str
    steps: tuple[str, ...] = ()
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    checks: tuple[str, ...] = ()


def write_card(folder: Path, card: Card) -> None:
    """Writes README.md into a model folder, whole or not at all."""
    write_file(folder / "README.md", card_text(card).encode())


def card_text(card: Card) -> str:
    """The card in Markdown, with the front matter that the Hugging Face hub reads."""
    front = {"library_name": "transformers", "pipeline_tag": "text-classification", "tags": ["pocketbert"]}
    if card.teacher_licence != UNKNOWN:
        front["license"] = card.teacher_licence  # weights derived from weights
    labels = f"{len(card.task.labels)} labels: {', '.join(card.task.labels)}"
    if card.task.kind == "regression":
        labels = f"one value ({card.task.unit})"
        labels += "" if card.task.low is None else f", trained on {card.task.low:g} to {card.task.high:g}"
    lines = [
        "---",
        yaml.safe_dump(front, sort_keys=False).strip(),
        "---",
        "",
        f"# {card.name}",
        "",
        f"A model for {card.task.kind} of {'pairs of texts' if card.task.pair else 'single texts'}, {labels}. "
        f"Inputs are cut at {card.max_length} tokens.",
        "",
        "| from | what | licence |",
        "|---|---|---|",
        f"| model | {card.teacher} | {card.teacher_licence} |",
        f"| data | {card.data} | {card.data_licence} |",
        "",
    ]
    if UNKNOWN in (card.teacher_licence, card.data_licence):
        lines += ["A licence is unknown: find it out before this model goes into a product.", ""]
    if card.checks:
        lines += [CHECKS, "", *card.checks, ""]
    if card.steps:
        lines += ["## How it was made", "", *(f"{i}. {step}" for i, step in enumerate(card.steps, 1)), ""]
    if card.metrics:
        lines += ["## Metrics", "", *_table(card.metrics), ""]
    return "\n".join(lines)


def check_lines(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What a card says of findings: first whether one failed, then each with what to try."""
    lines = ["**Not worth shipping**: a check failed.", ""] if any(found.level == "failed" for found in findings) else []
    for found in findings:
        word = {"ok": "passed", "failed": "**FAILED**"}.get(found.level, found.level)
        fix = f". To try: {found.fix}" if found.fix and found.level != "ok" else ""
        lines.append(" ".join(f"- {found.name}: {word}. {found.detail}{fix}".split()))
    return tuple(lines)


def add_checks(folder: Path, findings: Sequence[Finding]) -> None:
    """Writes the section "Checks" into a model folder's README.md, in place of the one that is there; whole or not at all.

    A card is written with its model, and what the model is worth is known only later.
    """
    path = folder / "README.md"
    text = re.sub(rf"^{CHECKS}\n.*?(?=^## |\Z)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    before, heading, after = text.partition("\n## ")
    section = "\n".join(["", CHECKS, "", *check_lines(findings), ""])
    write_file(path, f"{before.rstrip()}\n{section}{heading}{after}".encode())


def licence_of_model(folder: Path | str) -> str:
    """The `license` that a model folder's README.md or config.json names, or "unknown"."""
    folder = Path(folder)
    found = _front_matter(folder / "README.md").get("license")
    if not found:
        try:
            found = json.loads((folder / "config.json").read_text()).get("license")
        except (OSError, ValueError, AttributeError):
            found = None
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found or UNKNOWN)


def licence_of_data(path: Path | str) -> str:
    """What stands beside a data file: the licence that SOURCE.md or README.md names ("license:" in its front matter or a line
    of its own), else the first line of a licence file, else "see SOURCE.md"; "unknown" where there is none of them.
    """
    folder = Path(path).parent
    for name in ("SOURCE.md", "README.md"):
        front = _front_matter(folder / name).get("license")
        line = re.search(r"^[\s#*_-]*licen[cs]e[*_]*\s*:[\s*_]*(\S.*)$", _text(folder / name), re.IGNORECASE | re.MULTILINE)
        if front or line:
            return str(front or line[1]).strip().replace("|", "/")
    for name in LICENCE_FILES:
        first = next((line.strip() for line in _text(folder / name).splitlines() if line.strip()), None)
        if first:
            return first.replace("|", "/")
    return "see SOURCE.md" if (folder / "SOURCE.md").is_file() else UNKNOWN


def _front_matter(path: Path) -> dict:
    text = _text(path)
    if not text.startswith("---\n") or "\n---" not in text[4:]:
        return {}
    try:
        found = yaml.safe_load(text[4 : text.index("\n---", 4)])
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _table(metrics: Mapping[str, Mapping[str, float]]) -> list[str]:
    names = list(dict.fromkeys(name for values in metrics.values() for name in values))
    rows = [f"| | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    for who, values in metrics.items():
        rows.append(f"| {who} | {' | '.join(f'{values[name]:.4f}' if name in values else '' for name in names)} |")
    return rows
