"""Which column is the text, which the second text, which the label: named by the user or found by usual names."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal, overload

from pocketbert.tasks.errors import UserError, setting
from pocketbert.tasks.rows import Table

# What a file that reads as one column may be separated by instead.
SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}
# (first, second) names that common data sets give to a sentence pair, then names of a single text and of the label.
PAIRS = (
    ("text_a", "text_b"),
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("query", "doc"),
    ("text", "text_pair"),
)
TEXTS = ("text", "sentence", "utterance", "review", "content")
LABELS = ("label", "score", "intent", "class", "category", "target")


@dataclass(frozen=True)
class Columns:
    """Column names; None means: find it by its usual names, in any case, or as the only one that is left.

    `text_pair` stays None for single texts.
    """

    text: str | None = None
    text_pair: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Found:
    """The columns of a table; None where it has none."""

    text: str
    text_pair: str | None
    label: str | None


@dataclass(frozen=True)
class Labelled(Found):
    """The columns of a table that has labels."""

    label: str


@overload
def resolve(table: Table, wanted: Columns, pair: bool | None, need_label: Literal[True]) -> Labelled: ...


@overload
def resolve(table: Table, wanted: Columns, pair: bool | None, need_label: bool) -> Found: ...


def resolve(table: Table, wanted: Columns, pair: bool | None, need_label: bool) -> Found:
    """The columns of this table that a task reads.

    Args:
        table: the rows.
        wanted: what the user named.
        pair: True or False where the model says it, None where the columns decide.
        need_label: whether a missing label column is an error.

    Raises:
        UserError: a named column is missing (the nearest one is suggested) or none of the usual names is there.
    """
    for name in (wanted.text, wanted.text_pair, wanted.label):
        if name is not None and name not in table.columns:
            near = difflib.get_close_matches(name, table.columns, 1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            raise UserError(f'{table.path}: no column "{name}"; it has {_listed(table.columns)}.{hint}')
    usual = {name.lower(): name for name in reversed(table.columns)}  # of names that differ in case alone the first
    text, second = wanted.text, wanted.text_pair
    label = wanted.label or next((usual[name] for name in LABELS if name in usual), None)
    if text is None and second is None and pair is not False:
        text, second = next(((usual[a], usual[b]) for a, b in PAIRS if a in usual and b in usual), (None, None))
    if text is None:
        text = next((usual[name] for name in TEXTS if name in usual), None)
    rest = [name for name in table.columns if name not in (text, second, label)]
    if text is None and label is not None and len(rest) == 1:
        text = rest.pop()
    if label is None and text is not None and need_label and len(rest) == 1:
        label = rest.pop()
    separated = [words for mark, words in SEPARATORS.items() if len(table.columns) == 1 and mark in table.columns[0]]
    if text is None and separated:
        raise UserError(
            f"{table.path}: its columns seem to be separated by {separated[0]}; "
            "save it with commas as .csv, or with tabs as .tsv."
        )
    if text is None:
        raise UserError(
            f"{table.path}: cannot tell which column is the text among {_listed(table.columns)}; name it: "
            f"{setting('data.columns.text', '--text')}."
        )
    if pair and second is None:
        raise UserError(
            f"{table.path}: the model takes sentence pairs, and the file has only {_listed(table.columns)}; "
            f"name the second text: {setting('data.columns.text_pair', '--text-pair')}."
        )
    if pair is False and second is not None:
        raise UserError(f'{table.path}: the model takes single texts, and "{second}" was named as a second one.')
    if label is not None:
        return Labelled(text, second, label)
    if need_label:
        raise UserError(
            f"{table.path}: cannot tell which column is the label among {_listed(table.columns)}; name it: "
            f"{setting('data.columns.label', '--label')}."
        )
    return Found(text, second, None)


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
