"""The recipe's data, read once: any source becomes examples of the recipe's task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pocketbert.locate import locate
from pocketbert.recipe import FILES, Recipe
from pocketbert.tasks import (
    Columns,
    Example,
    Table,
    Task,
    Unknown,
    UserError,
    examples_of,
    fingerprint,
    infer_task,
    read_table,
    unlabelled_of,
)
from pocketbert.tasks.errors import not_installed
from pocketbert.tasks.rows import SUFFIXES

DATASETS = "datasets:"


@dataclass(frozen=True)
class Split:
    """One data file as the task reads it."""

    name: str
    path: Path
    examples: list[Example]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.examples)


@dataclass(frozen=True)
class Tables:
    """The files of a recipe before a task is known.

    Args:
        names: split -> what the recipe calls its source: a file's name without its folder, or an id.
    """

    names: dict[str, str]
    columns: Columns
    train: Table
    dev: Table
    test: Table | None
    unlabelled: Table | None = None


@dataclass(frozen=True)
class Splits:
    """The examples of a recipe's files.

    Args:
        train: every row has a target of the task.
        dev, test: a label that the task does not have is the target UNKNOWN, which every model gets wrong.
        unlabelled: without targets; empty where the recipe names no such file.
    """

    train: Split
    dev: Split
    test: Split | None
    unlabelled: list[Example]

    def named(self) -> dict[str, Split]:
        return {name: split for name in ("train", "dev", "test") if (split := getattr(self, name)) is not None}


def read_tables(recipe: Recipe, cache: Path) -> Tables:
    """All files of the recipe; Parquet and `datasets` ids become JSONL in `cache`.

    Raises:
        UserError: names the source and what is wrong with it.
    """
    columns = Columns(**recipe.data.columns.model_dump())
    data = recipe.data
    sources = {"train": data.train, "dev": data.dev, "test": data.test}
    return Tables(
        {name: _shown(source) for name, source in sources.items() if source is not None},
        columns,
        _table(data.train, cache, columns),
        _table(data.dev, cache, columns),
        None if data.test is None else _table(data.test, cache, columns),
        None if data.unlabelled is None else _table(data.unlabelled, cache, replace(columns, label=None)),
    )


def task_of_train(recipe: Recipe, tables: Tables) -> Task:
    """What the training file's label column describes."""
    return infer_task(tables.train, tables.columns, recipe.task)


def read_splits(tables: Tables, task: Task) -> Splits:
    """The examples of every file under one task.

    Raises:
        UserError: an empty label, or one in train that the task lacks; names file, row and column.
    """

    def split(name: str, table: Table, unknown: Unknown) -> Split:
        return Split(tables.names[name], table.path, examples_of(table, task, tables.columns, unknown=unknown))

    return Splits(
        split("train", tables.train, "refuse"),
        split("dev", tables.dev, "count"),
        None if tables.test is None else split("test", tables.test, "count"),
        [] if tables.unlabelled is None else unlabelled_of(tables.unlabelled, task, tables.columns),
    )


def _shown(source: str) -> str:
    path = Path(source)
    return path.name if path.suffix.lower() in FILES or path.exists() else source


def _table(source: str, cache: Path, columns: Columns) -> Table:
    source = locate(source)
    if Path(source).suffix.lower() in SUFFIXES:
        return read_table(source)
    try:
        from pocketbert.distill.sources import prepare
    except ImportError as error:
        raise not_installed(f"{source}: reading it", error.name, "distill") from None
    if source.startswith(DATASETS):
        name, slash, split = source.removeprefix(DATASETS).rpartition("/")
        if not slash:
            raise UserError(f"{source}: name the split after a slash, such as {source}/train.")
        return read_table(prepare(name, cache, columns, split))
    return read_table(prepare(source, cache, columns))
