"""`pocketbert new`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def new(
    recipe: Annotated[Path, typer.Argument(help="File to write.")] = Path("recipe.yaml"),
    train: Annotated[str, typer.Option(help="Training data.")] = "train.tsv",
    dev: Annotated[str, typer.Option(help="Development data.")] = "dev.tsv",
    test: Annotated[str | None, typer.Option(help="Test data, scored at the end.")] = None,
    teacher: Annotated[str, typer.Option(help="Teacher: folder, Hugging Face id or package:NAME/PATH.")] = "bert-base-uncased",
    task: Annotated[str, typer.Option(help="classification or regression.")] = "classification",
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:
    """Write a recipe that can be built as it is, and edited.

    Example: [bold]pocketbert new my-recipe.yaml --train train.csv --dev dev.csv --teacher my-finetuned-bert/[/]
    """
    import re

    from pocketbert.console import answer
    from pocketbert.locate import locate
    from pocketbert.recipe import read_recipe
    from pocketbert.stages.student import costs_of
    from pocketbert.tasks import UserError, kind_names
    from pocketbert.tasks.files import write_file
    from pocketbert.template import recipe_text

    if task not in kind_names():
        raise UserError(f'--task "{task}": use one of {", ".join(kind_names())}.')
    if recipe.is_dir():
        raise UserError(f"{recipe}: is a folder; name the file that is to be written.")
    if recipe.exists() and not force:
        raise UserError(f"{recipe}: exists already; use --force to overwrite it, or another name.")
    # of the run folder and the files: the recipe's own name, as far as such a name may have it
    name = re.sub(r"[^a-z0-9._-]+", "-", recipe.stem.lower()).strip("-._")[:40] or "my-model"
    paths = {"data.train": train, "data.dev": dev, "data.test": test, "teacher.model": teacher}
    values = {"name": name, "task": task}
    values |= {key: _from_recipe(recipe, path) for key, path in paths.items() if path is not None}
    config = Path(locate(teacher)) / "config.json"
    write_file(recipe, recipe_text(recipe.name, values, costs_of(config)).encode())
    read_recipe(recipe)  # what is written here must be a recipe
    answer.print(f"wrote {recipe}; edit it, or `pocketbert build {recipe}` as it is")


def _from_recipe(recipe: Path, path: str) -> str:
    """What stands in the shell's folder, as a recipe says it: relative to the recipe's."""
    if Path(path).is_absolute() or not Path(path).exists() or recipe.parent == Path():
        return path
    return os.path.relpath(path, recipe.parent)
