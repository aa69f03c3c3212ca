"""`pocketbert report`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="A finished run folder, or a summary.json.")],
    out: Annotated[Path, typer.Option(help="HTML page to write.")] = Path("report.html"),
    record: Annotated[Path | None, typer.Option(help="Keep the summary here too, as evidence to commit.")] = None,
) -> None:
    """Write the HTML report of a finished build again, show its table, or keep its figures as a record.

    Example: [bold]pocketbert report runs/intents --record results/demo.json[/]
    """
    from pocketbert.console import answer, say
    from pocketbert.report import read_summary, standing_lines, terminal_tables, write_report
    from pocketbert.stages.report import summary_json
    from pocketbert.tasks import UserError
    from pocketbert.tasks.files import write_file

    path = run if run.is_file() else run / "report" / "summary.json"
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{run}: has no finished report; `pocketbert build` makes it.") from None
    except ValueError as error:
        raise UserError(f"{path}: is not the summary of a build ({error}).") from None
    read_summary(summary, path)  # what is wrong with it names the file
    write_report(summary, out)
    if record is not None:
        write_file(record, summary_json(summary).encode())
    for table in terminal_tables(summary):
        answer.print(table)
    answer.print(f"report  {out}")
    for line in standing_lines(summary):
        say(line)
