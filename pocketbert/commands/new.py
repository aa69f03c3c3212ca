"""`pocketbert new`."""

from __future__ import annotations

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
    from pocketbert.edge_export.artifact.seal import write_atomically
    from pocketbert.locate import locate
    from pocketbert.recipe import read_recipe
    from pocketbert.stages.student import costs_of
    from pocketbert.tasks import UserError
    from pocketbert.template import recipe_text

    if recipe.exists() and not force:
        raise UserError(f"{recipe}: exists already; use --force to overwrite it, or another name.")
    # of the run folder and the files: the recipe's own name, as far as such a name may have it
    name = re.sub(r"[^a-z0-9._-]+", "-", recipe.stem.lower()).strip("-._")[:40] or "my-model"
    values = {"name": name, "task": task, "data.train": train, "data.dev": dev, "teacher.model": teacher}
    if test is not None:
        values["data.test"] = test
    config = Path(locate(teacher)) / "config.json"
    write_atomically(recipe, recipe_text(recipe.name, values, costs_of(config)).encode())
    read_recipe(recipe)  # what is written here must be a recipe
    answer.print(f"wrote {recipe}; edit it, or `pocketbert build {recipe}` as it is")
