"""The recipe's data, read once: any source becomes examples of the recipe's task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.tasks import Columns, Example, Table, Task, UserError, examples_of, fingerprint, infer_task, read_table

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
    """The files of a recipe before a task is known."""

    columns: Columns
    train: Table
    dev: Table
    test: Table | None


@dataclass(frozen=True)
class Splits:
    train: Split
    dev: Split
    test: Split | None

    def named(self) -> dict[str, Split]:
        return {name: split for name in ("train", "dev", "test") if (split := getattr(self, name)) is not None}


def read_tables(recipe: Recipe, cache: Path) -> Tables:
    """All files of the recipe; Parquet and `datasets` ids become JSONL in `cache`.

    Raises:
        UserError: names the source and what is wrong with it.
    """
    columns = Columns(**recipe.data.columns.model_dump())
    tables = {name: _table(getattr(recipe.data, name), cache, columns) for name in ("train", "dev", "test")}
    return Tables(columns, **tables)


def task_of_train(recipe: Recipe, tables: Tables) -> Task:
    """What the training file's label column describes."""
    return infer_task(tables.train, tables.columns, recipe.task)


def read_splits(tables: Tables, task: Task) -> Splits:
    """The examples of every file under one task.

    Raises:
        UserError: a label that the task lacks, an empty cell; names file, row and column.
    """

    def split(table: Table) -> Split:
        return Split(table.path.name, table.path, examples_of(table, task, tables.columns))

    return Splits(split(tables.train), split(tables.dev), None if tables.test is None else split(tables.test))


def _table(source: str | None, cache: Path, columns: Columns) -> Table | None:
    if source is None:
        return None
    source = locate(source)
    if source.endswith((".csv", ".tsv", ".jsonl")):
        return read_table(source)
    try:
        from pocketbert.distill.sources import prepare
    except ImportError as error:
        raise UserError(f"{source}: reading it needs {error.name}; `pip install 'pocketbert[distill]'`.") from None
    if source.startswith(DATASETS):
        name, slash, split = source.removeprefix(DATASETS).rpartition("/")
        if not slash:
            raise UserError(f"{source}: name the split after a slash, such as {source}/train.")
        return read_table(prepare(name, cache, columns, split))
    return read_table(prepare(source, cache, columns))
