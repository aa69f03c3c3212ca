"""`pocketbert build` and `pocketbert demo`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import Budget, Runs

DEMO = Path(__file__).resolve().parent.parent / "recipes" / "intents.yaml"
DEMO_NEEDS = 1.0  # GB, with room to spare: models and their checkpoints, sealed files, and a BERT-base of 0.4 to measure against


def build(
    recipe: Annotated[Path, typer.Argument(help="A recipe in YAML; `pocketbert new` writes one.")],
    runs: Runs = Path("runs"),
    budget: Budget = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at everything, print the plan, and stop.")] = False,
) -> None:
    """Run everything that a recipe says: check, plan, teach, distill, export, verify, bench, report.

    Stages whose inputs have not changed are skipped; a killed build resumes where it stopped. Exits with 3 where the files are
    whole and the student is not worth shipping, or where its teacher has learnt nothing, so that no file is made.

    Example: [bold]pocketbert build my-recipe.yaml[/]
    """
    from pocketbert.recipe import read_recipe

    wanted = read_recipe(recipe)
    if budget is not None:
        wanted = wanted.model_copy(update={"budget": budget})
    given = "" if budget is None else f" --budget {budget:g}"
    _build(wanted, runs, f"pocketbert build {recipe.name}{given}", dry_run)


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


def _build(recipe, runs: Path, command: str, dry_run: bool = False) -> None:
    from pocketbert.build import NOT_WORTH_SHIPPING
    from pocketbert.build import build as run
    from pocketbert.build import dry_run as look
    from pocketbert.console import answer, say
    from pocketbert.environment import check_training_python
    from pocketbert.report import NOT_WORTH, standing_lines, terminal_tables

    check_training_python()
    if dry_run:
        look(recipe, runs, say)
        return
    built = run(recipe, runs, command, say)
    for table in terminal_tables(built.summary):
        answer.print(table)
    for file in built.files:
        answer.print(f"sealed  {file}")
    answer.print(f"report  {built.report}")
    for line in standing_lines(built.summary):
        say(line)
    if built.summary["standing"] == NOT_WORTH:
        raise typer.Exit(NOT_WORTH_SHIPPING)
