"""What a task is: columns to examples, what logits mean, metrics. numpy and the standard library only.

A task is one file in tasks/kinds/ with a frozen dataclass `Task`; its file name is its kind.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pocketbert.tasks import kinds
from pocketbert.tasks.columns import Columns, Found, resolve
from pocketbert.tasks.errors import UserError
from pocketbert.tasks.examples import Example, fingerprint
from pocketbert.tasks.kinds.classification import UNKNOWN
from pocketbert.tasks.kinds.classification import Task as Classification
from pocketbert.tasks.kinds.regression import Task as Regression
from pocketbert.tasks.rows import Table, read_table

Task = Classification | Regression
Unknown = Literal["refuse", "count"]

__all__ = [
    "UNKNOWN",
    "Columns",
    "Example",
    "Table",
    "Task",
    "Unknown",
    "UserError",
    "examples_of",
    "fingerprint",
    "infer_task",
    "kind_names",
    "read_examples",
    "read_table",
    "targets_of",
    "unlabelled_of",
    "task_from_dict",
]


def kind_names() -> list[str]:
    """The task kinds there are."""
    return sorted(module.name for module in pkgutil.iter_modules(kinds.__path__))


def _kind(name: object) -> type[Task]:
    if name not in kind_names():
        raise UserError(f'unknown task kind "{name}"; this version knows {", ".join(kind_names())}.')
    return importlib.import_module(f"pocketbert.tasks.kinds.{name}").Task


def _is_number(value: object) -> bool:
    # JSON knows integers of any size; those past a float's range are no number here
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _is_strings(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(label, str) for label in value)


# field of a task -> whether a value of JSON fits it, and what it must be, in words
FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    "labels": (_is_strings, "a list of strings"),
    "pair": (lambda value: isinstance(value, bool), "true or false"),
    "low": (lambda value: value is None or _is_number(value), "a number"),
    "high": (lambda value: value is None or _is_number(value), "a number"),
    "unit": (lambda value: isinstance(value, str), "a string"),
}


def task_from_dict(entry: Mapping[str, object]) -> Task:
    """A task from its `to_dict()` form, as a manifest or a model's config.json holds it; unknown keys are ignored.

    Raises:
        UserError: the kind is unknown, a needed key is missing, or a value has another type.
    """
    if not isinstance(entry, Mapping):
        raise UserError(f"the task entry must be an object, found {entry!r}.")
    cls = _kind(entry.get("kind"))
    known: dict[str, Any] = {field.name: entry[field.name] for field in dataclasses.fields(cls) if field.name in entry}
    for name, value in known.items():
        fits, what = FORMS[name]
        if not fits(value):
            raise UserError(f'the task entry of kind "{cls.kind}": "{name}" must be {what}, found {value!r}.')
    if "labels" in known:
        known["labels"] = tuple(known["labels"])
    try:
        return cls(**known)
    except TypeError as error:
        raise UserError(f'the task entry of kind "{entry.get("kind")}" is not complete ({error}).') from None


def infer_task(table: Table, columns: Columns, kind: str) -> Task:
    """The task that a labelled table describes (labels sorted, numbers as numbers).

    Raises:
        UserError: an unlabelled row, one class only, or a value that the kind cannot take.
    """
    found = resolve(table, columns, None, need_label=True)
    values = [_cell(table, i, found.label) for i in range(len(table.rows))]
    try:
        return _kind(kind).from_values(values, found.text_pair is not None)
    except UserError as error:
        raise UserError(f'{table.path}, column "{found.label}": {error}') from None


def examples_of(
    table: Table, task: Task, columns: Columns, need_label: bool = True, unknown: Unknown = "refuse"
) -> list[Example]:
    """The rows as the task reads them.

    Args:
        table: the rows.
        task: what the labels mean.
        columns: which column is what.
        need_label: whether each row must have a label.
        unknown: what becomes of a label that the task does not have: "refuse" raises, "count" makes the target UNKNOWN.

    Raises:
        UserError: names file, row and column of the first cell that is missing or does not fit.
    """
    found = resolve(table, columns, task.pair, need_label)
    examples = []
    for i, texts in enumerate(_texts(table, found)):
        target = None
        if found.label is not None and (need_label or table.rows[i].get(found.label)):
            value = _cell(table, i, found.label)
            counted = unknown == "count" and not task.knows(value)
            target = UNKNOWN if counted else task.target(value, table.where(i, found.label))
        examples.append(Example(texts, target, i + 1))
    return examples


def unlabelled_of(table: Table, task: Task, columns: Columns) -> list[Example]:
    """The texts of the rows, whatever else stands in them: no example has a target.

    Raises:
        UserError: names file, row and column of the first text that is missing.
    """
    found = resolve(table, Columns(columns.text, columns.text_pair), task.pair, need_label=False)
    return [Example(texts, None, i + 1) for i, texts in enumerate(_texts(table, found))]


def _texts(table: Table, found: Found) -> list[tuple[str, ...]]:
    names = [found.text] if found.text_pair is None else [found.text, found.text_pair]
    return [tuple(_cell(table, i, name, allow_empty=True) for name in names) for i in range(len(table.rows))]


def read_examples(path: Path | str, task: Task, columns: Columns | None = None, need_label: bool = True) -> list[Example]:
    """`read_table`, then `examples_of`."""
    return examples_of(read_table(path), task, columns or Columns(), need_label)


def targets_of(examples: list[Example]) -> np.ndarray:
    """(rows,) targets: int64 class indices (UNKNOWN among them where they were so read) or float64 values."""
    return np.array([example.target for example in examples])


def _cell(table: Table, index: int, column: str, allow_empty: bool = False) -> str:
    value = table.rows[index].get(column)
    if value is None or not (value.strip() or allow_empty):
        raise UserError(f"{table.where(index, column)}: empty; every row needs a value there.")
    return value
