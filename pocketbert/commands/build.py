"""`pocketbert build` and `pocketbert demo`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import Runs

DEMO = Path(__file__).resolve().parent.parent / "recipes" / "intents.yaml"
DEMO_NEEDS = 1.0  # GB, with room to spare: models and their checkpoints, sealed files, and a BERT-base of 0.4 to measure against


def build(
    recipe: Annotated[Path, typer.Argument(help="A recipe in YAML; `pocketbert new` writes one.")],
    runs: Runs = Path("runs"),
) -> None:
    """Run everything that a recipe says: teach, distill, export, verify, bench, report.

    Stages whose inputs have not changed are skipped; a killed build goes on where it stopped.

    Example: [bold]pocketbert build my-recipe.yaml[/]
    """
    from pocketbert.recipe import read_recipe

    _build(read_recipe(recipe), runs, f"pocketbert build {recipe.name}")


def demo(runs: Runs = Path("runs")) -> None:
    """Build the embedded example: 15 intents of an on-device assistant, from a MiniLM teacher, without any download.

    Example: [bold]pocketbert demo[/]
    """
    from pocketbert.console import say
    from pocketbert.recipe import read_recipe

    os.environ["HF_HUB_OFFLINE"] = "1"  # everything it needs is in installed packages
    there = next(folder for folder in (runs.absolute(), *runs.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    say(f"The demo needs about {DEMO_NEEDS:.0f} GB of disk for its run folder {runs / 'intents'} ({free:.0f} GB free).")
    _build(read_recipe(DEMO), runs, "pocketbert demo")


def _build(recipe, runs: Path, command: str) -> None:
    from pocketbert.build import build as run
    from pocketbert.console import answer, say
    from pocketbert.environment import check_training_python
    from pocketbert.report import terminal_tables

    check_training_python()
    built = run(recipe, runs, command, say)
    for table in terminal_tables(built.summary):
        answer.print(table)
    for file in built.files:
        answer.print(f"sealed  {file}")
    answer.print(f"report  {built.report}")
