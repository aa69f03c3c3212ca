"""`intents`: utterances to an on-device assistant, in 15 intents, written for this project."""

from __future__ import annotations

from pathlib import Path

DATA_DIR = Path(__file__).resolve().parent
UNLABELLED = DATA_DIR / "unlabelled.tsv"
HEADER = ("text", "label")
SPLITS = ("train", "dev", "test")
LABELS = (
    "alarm",
    "calendar",
    "call",
    "lights",
    "message",
    "music",
    "navigation",
    "out_of_scope",
    "reminder",
    "search",
    "shopping",
    "thermostat",
    "timer",
    "volume",
    "weather",
)


def path(split: str) -> Path:
    """Return the TSV file of "train", "dev" or "test"."""
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; expected one of {', '.join(SPLITS)}")
    return DATA_DIR / f"{split}.tsv"


def load(split: str) -> list[tuple[str, str]]:
    """Return the (text, label) rows of a split, in file order.

    The files hold bare double quotes, so a reader must not treat them as quoting: with `csv` use `csv.QUOTE_NONE`.
    """
    header, *rows = path(split).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if tuple(header.split("\t")) != HEADER:
        raise ValueError(f"{path(split)}: the first line must be {' '.join(HEADER)}, separated by a tab")
    pairs = []
    for number, row in enumerate(rows, start=2):
        fields = row.split("\t")
        if len(fields) != 2:
            raise ValueError(f"{path(split)}:{number}: expected 2 tab-separated fields, found {len(fields)}")
        pairs.append((fields[0], fields[1]))
    return pairs
