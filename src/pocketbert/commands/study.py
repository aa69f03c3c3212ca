"""`pocketbert study`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import Runs


def study(
    study: Annotated[Path, typer.Argument(help="A study in YAML; docs/study.md shows one.")],
    data: Annotated[list[str] | None, typer.Option(help="Of this data set alone; may be given several times.")] = None,
    runs: Runs = Path("runs"),
    record: Annotated[Path | None, typer.Option(help="Keep the record here too, as evidence to commit.")] = None,
) -> None:
    """Compare methods and settings on several data sets and seeds, in one table.

    Resumes if interrupted. A part that fails is noted, the rest goes on, and the exit code is 1.

    Example: [bold]pocketbert study study.yaml --record results/study.json[/]
    """
    from pocketbert.console import answer, say
    from pocketbert.environment import check_training_python
    from pocketbert.stages.report import summary_json
    from pocketbert.study.run import run_study
    from pocketbert.study.study_file import read_study
    from pocketbert.tasks.files import write_file

    check_training_python()
    wanted, cells = read_study(study, data or ())
    only = "".join(f" --data {name}" for name in data or ())
    kept = f" --record {record}" if record is not None and not record.is_absolute() else ""
    ran = run_study(wanted, cells, runs, f"pocketbert study {study.name}{only}{kept}", say)
    if record is not None:
        write_file(record, summary_json(ran.record).encode())
    answer.print((ran.folder / "study.md").read_text(encoding="utf-8"), markup=False)
    answer.print(f"record  {record or ran.folder / 'study.json'}")
    answer.print(f"table   {ran.folder / 'study.md'}")
    if ran.failed:
        say(f"[red]{len(ran.failed)} of {len(cells)} cells failed[/]; the same command tries them again.")
        raise typer.Exit(1)
