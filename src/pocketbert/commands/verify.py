"""`pocketbert verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import Engine, LabelColumn, PairColumn, TextColumn, Threads, columns_of


def verify(
    file: Annotated[Path, typer.Argument(help="A sealed .pte, .tflite or .onnx.")],
    data: Annotated[Path | None, typer.Option(help="Labelled CSV, TSV or JSONL to score the file on.")] = None,
    reference: Annotated[Path | None, typer.Option(help="The student's recorded outputs, written by export.")] = None,
    points: Annotated[float, typer.Option(min=0, help="Metric points that may be lost against the student.")] = 1.0,
    rows: Annotated[int, typer.Option(min=0, help="Rows that may be lost besides.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON too.")] = False,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
    threads: Threads = 1,
    engine: Engine = "auto",
) -> None:
    """Check a sealed file against the student, in the runtime that will run it. Needs no torch.

    Writes FILE.verify.json beside the file; exits with 1 when a check fails.

    Example: [bold]pocketbert verify intents.tflite --data dev.tsv --reference reference.json[/]
    """
    from pocketbert import api
    from pocketbert.console import answer, progress_bar
    from pocketbert.edge_export.verify import write_verdict
    from pocketbert.tables import verdict_table

    if reference is not None and data is None:
        raise api.UserError("--reference holds outputs on a data file; give that file with --data.")
    columns, limits = columns_of(text, text_pair, label), api.Limits(points, rows)
    with progress_bar("verify") as bar:
        verdict = api.verify(
            file, data, reference=reference, columns=columns, limits=limits, threads=threads, engine=engine, progress=bar
        )
    write_verdict(file, verdict)
    if as_json:
        answer.print_json(json.dumps(verdict.to_dict()))
    else:
        answer.print(verdict_table(verdict))
    if not verdict.passed:
        raise typer.Exit(1)
