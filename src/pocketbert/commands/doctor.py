"""`pocketbert doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import Runs


def doctor(
    recipe: Annotated[Path, typer.Argument(help="A recipe in YAML.")],
    runs: Runs = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at recipe, data and models for everything that can fail or mislead later; trains nothing. `build` does it first.

    Exits with 1 if a check failed, and with 0 if there are warnings only.

    Example: [bold]pocketbert doctor my-recipe.yaml[/]
    """
    import json
    from dataclasses import asdict

    from pocketbert.console import answer
    from pocketbert.doctor import findings_of, summary_of, unreadable
    from pocketbert.recipe import read_recipe
    from pocketbert.stages.data import read_tables
    from pocketbert.tables import doctor_table
    from pocketbert.tasks import UserError
    from pocketbert.tasks.worth import failed

    wanted, unread = read_recipe(recipe), []
    folder = runs / wanted.name
    try:
        tables = read_tables(wanted, folder / "data")
    except UserError as error:
        tables, unread = None, [unreadable(error)]
    findings = findings_of(wanted, tables, folder) + unread
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1, ensure_ascii=False))
    else:
        answer.print(doctor_table(findings))
        answer.print(summary_of(findings))
    if failed(findings):
        raise typer.Exit(1)
