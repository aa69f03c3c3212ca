"""What is compared: bag of words, teacher, baseline, student and the files, as the summary's list `models` says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pocketbert.tasks import UserError

SCHEMA = 2  # of summary.json
WORTH, NOT_WORTH = "worth shipping", "not worth shipping"  # what it says under "standing"


@dataclass(frozen=True)
class Model:
    """One model of the comparison.

    Args:
        kind: "bag of words", "teacher", "baseline" or "student".
        container: of a file, e.g. "pte"; None for what is none.
        precision: "fp32", or a file's quantization; None where the word has no meaning.
        what: in a few words.
        file: the sealed file's name, None for what is none.
        parameters, bytes: its size; None where it is not known.
        dev, test: the task's metric; None where it was not measured.
        failed: why there is no such file; None where there is.
    """

    kind: str
    container: str | None
    precision: str | None
    what: str
    file: str | None
    parameters: int | None
    bytes: int | None
    dev: float | None
    test: float | None
    failed: str | None

    @property
    def name(self) -> str:
        """ "student .pte int8", "teacher (fp32)", "bag of words"."""
        if self.container is not None:
            return f"{self.kind} .{self.container} {self.precision}"
        return self.kind if self.precision is None else f"{self.kind} ({self.precision})"

    @property
    def brief(self) -> str:
        """What there is room for in a plot."""
        return self.kind if self.container is None else f"{self.kind} .{self.container}"

    def score(self, split: str) -> float | None:
        return {"dev": self.dev, "test": self.test}[split]


def models(summary: dict[str, Any]) -> list[Model]:
    """In the order of the summary."""
    metric = summary.get("metric", "accuracy")
    return [
        Model(
            kind=entry["model"],
            container=entry.get("container"),
            precision=entry.get("precision"),
            what=entry.get("what", ""),
            file=entry.get("file"),
            parameters=entry.get("parameters"),
            bytes=entry.get("bytes"),
            dev=(entry.get("dev") or {}).get(metric),
            test=(entry.get("test") or {}).get(metric),
            failed=entry.get("failed"),
        )
        for entry in summary.get("models", [])
    ]


def trained(compared: list[Model], kind: str) -> Model | None:
    """The model of that kind that is no file."""
    return next((model for model in compared if model.kind == kind and model.container is None), None)


def exported_teacher(compared: list[Model], model: Model) -> Model | None:
    """The teacher's file of the same container and precision as a student's file."""
    if model.kind != "student" or model.container is None:
        return None
    same = (model.container, model.precision)
    return next((m for m in compared if m.kind == "teacher" and m.file and (m.container, m.precision) == same), None)


def splits_of(summary: dict[str, Any]) -> list[str]:
    """ "dev" and "test", as far as anything was measured on them."""
    compared = models(summary)
    return [split for split in ("dev", "test") if any(model.score(split) is not None for model in compared)]


def check_schema(summary: dict[str, Any], where: object) -> None:
    """Raises UserError unless the summary is one that this version reads; KeyError where it names no schema."""
    found = summary["schema"]
    if found != SCHEMA:
        version = "an older" if isinstance(found, int) and found < SCHEMA else "another"
        raise UserError(
            f"{where}: was written by {version} version of pocketbert (schema {found}, this one reads {SCHEMA}); build again."
        )
