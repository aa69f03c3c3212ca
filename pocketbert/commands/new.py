"""`pocketbert new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TEMPLATE = Path(__file__).resolve().parent.parent / "recipes" / "template.yaml"


def new(
    recipe: Annotated[Path, typer.Argument(help="File to write.")] = Path("recipe.yaml"),
    train: Annotated[str, typer.Option(help="Training data.")] = "train.tsv",
    dev: Annotated[str, typer.Option(help="Development data.")] = "dev.tsv",
    teacher: Annotated[str, typer.Option(help="Teacher: folder or Hugging Face id.")] = "bert-base-uncased",
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented recipe to edit.

    Example: [bold]pocketbert new my-recipe.yaml --train train.csv --dev dev.csv --teacher my-finetuned-bert/[/]
    """
    import json

    from pocketbert.console import answer
    from pocketbert.edge_export.artifact.seal import write_atomically
    from pocketbert.recipe import read_recipe
    from pocketbert.tasks import UserError

    if recipe.exists() and not force:
        raise UserError(f"{recipe}: is there already; use --force to overwrite it, or another name.")
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, value in (("RECIPE", recipe.name), ("TRAIN", train), ("DEV", dev), ("TEACHER", teacher)):
        text = text.replace(f"@{mark}@", value if mark == "RECIPE" else json.dumps(value, ensure_ascii=False))
    write_atomically(recipe, text.encode())
    read_recipe(recipe)  # what is written here must be a recipe
    answer.print(f"wrote {recipe}; edit it, then `pocketbert build {recipe}`")
