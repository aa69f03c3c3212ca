"""The accuracy ladder: what the summary says of teacher, floor, student and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rung:
    """One model of the ladder.

    Args:
        name: "teacher", "floor", "student", or container and quantization of a file.
        what: in a few words.
        file: the sealed file's name, None for what is no file.
        parameters, bytes: its size; None where it is not known.
        dev, test: the task's metric, 0..1; None where it was not measured.
    """

    name: str
    what: str
    file: str | None
    parameters: int | None
    bytes: int | None
    dev: float | None
    test: float | None

    def score(self, split: str) -> float | None:
        return {"dev": self.dev, "test": self.test}[split]


def ladder(summary: dict[str, Any]) -> list[Rung]:
    """The rungs in the order of the summary."""
    metric = summary.get("metric", "accuracy")
    return [
        Rung(
            name=entry["rung"],
            what=entry.get("what", ""),
            file=entry.get("file"),
            parameters=entry.get("parameters"),
            bytes=entry.get("bytes"),
            dev=(entry.get("dev") or {}).get(metric),
            test=(entry.get("test") or {}).get(metric),
        )
        for entry in summary.get("ladder", [])
    ]


def named(rungs: list[Rung], name: str) -> Rung | None:
    """The rung of that name."""
    return next((rung for rung in rungs if rung.name == name), None)


def splits_of(summary: dict[str, Any]) -> list[str]:
    """ "dev" and "test", as far as anything was measured on them."""
    rungs = ladder(summary)
    return [split for split in ("dev", "test") if any(rung.score(split) is not None for rung in rungs)]


def file_of(summary: dict[str, Any], name: str | None) -> dict[str, Any] | None:
    """The entry of `files` with that file name."""
    return next((entry for entry in summary.get("files", []) if entry["file"] == name), None)
