"""The model card: what was made of what, under which licences, and how good it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingface_hub import ModelCard, ModelCardData

from pocketbert.tasks import Task
from pocketbert.tasks.files import write_file
from pocketbert.tasks.model_folder import front_matter

if TYPE_CHECKING:
    from pocketbert.tasks.worth import Finding

CHECKS = "## Checks"
TEMPLATE = Path(__file__).with_name("model_card.md.jinja")
LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")


def write_encoder_card(folder: Path, teacher: str, corpus: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    """The README.md of an encoder that came of general distillation: what it saw.

    Args:
        folder: the encoder's.
        teacher: by name.
        corpus: what `shards.write_shards` tells.
        report: what `general.general` returns.
    """
    data = ModelCardData(library_name="transformers", base_model=teacher, tags=["pocketbert", "feature-extraction"])
    held = f" On held-out text its loss ended at {report['scores'][-1][1]:.4g}." if report["scores"] else ""
    text = (
        f"# {folder.name}\n\nAn encoder distilled from {teacher} on plain text by pocketbert, before any task: its embeddings, "
        f"attention scores and hidden states follow the teacher's.\n\nIt has seen {', '.join(corpus['sources'])}: "
        f"{corpus['documents']:,} documents, {corpus['tokens']:,} tokens, in {report['steps']:,} steps.{held}\n"
    )
    write_file(folder / "README.md", f"---\n{data.to_yaml()}\n---\n\n{text}".encode())


@dataclass(frozen=True)
class Card:
    """What a card says.

    Args:
        name: the model's.
        task: what it does.
        max_length: longest input in tokens.
        teacher: what it learnt from, by name; a teacher's own card names its encoder here.
        teacher_licence: see `licence_of_model`; None where it is unknown.
        data: the data's name.
        data_licence: see `licence_of_data`; None where it is unknown.
        steps: how it was made, one line per stage.
        metrics: name of a model or data set -> its metrics by name.
        checks: whether it is worth shipping, one line per check (`check_lines`).
    """

    name: str
    task: Task
    max_length: int
    teacher: str
    teacher_licence: str | None
    data: str
    data_licence: str | None
    steps: tuple[str, ...] = ()
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    checks: tuple[str, ...] = ()

    @property
    def answers(self) -> str:
        """What the model gives, in words."""
        if self.task.kind != "regression":
            return f"{len(self.task.labels)} labels: {', '.join(self.task.labels)}"
        trained = "" if self.task.range is None else ", trained on {:g} to {:g}".format(*self.task.range)
        return f"one value ({self.task.unit}){trained}"


def write_card(folder: Path, card: Card) -> None:
    """Writes README.md into a model folder, whole or not at all."""
    write_file(folder / "README.md", card_text(card).encode())


def card_text(card: Card) -> str:
    """The card in Markdown, with the front matter that the Hugging Face hub reads."""
    front = ModelCardData(
        library_name="transformers",
        pipeline_tag="text-classification",
        tags=["pocketbert"],
        license=card.teacher_licence,  # weights derived from weights
    )
    names = list(dict.fromkeys(name for values in card.metrics.values() for name in values))
    return str(ModelCard.from_template(front, str(TEMPLATE), card=card, checks=CHECKS, names=names, unknown="unknown"))


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


def licence_of_data(path: Path | str) -> str | None:
    """What stands beside a data file: the licence that SOURCE.md or README.md names ("license:" in its front matter or a line
    of its own), else the first line of a licence file, else "see SOURCE.md"; None where there is none of them.
    """
    folder = Path(path).parent
    for name in ("SOURCE.md", "README.md"):
        front = front_matter(folder / name).get("license")
        line = re.search(r"^[\s#*_-]*licen[cs]e[*_]*\s*:[\s*_]*(\S.*)$", _text(folder / name), re.IGNORECASE | re.MULTILINE)
        found = front or (line and line[1])
        if found:
            return str(found).strip().replace("|", "/")
    for name in LICENCE_FILES:
        first = next((line.strip() for line in _text(folder / name).splitlines() if line.strip()), None)
        if first:
            return first.replace("|", "/")
    return "see SOURCE.md" if (folder / "SOURCE.md").is_file() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
