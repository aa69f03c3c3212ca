"""`pocketbert bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import PairColumn, TextColumn, Threads

# listed, not imported: a command's --help is quick
PRINTERS = sorted(path.stem for path in (Path(__file__).parents[1] / "bench" / "printers").glob("[!_]*.py"))


def bench(
    files: Annotated[list[Path] | None, typer.Argument(help="Sealed .pte, .tflite or .onnx files of one task.")] = None,
    read: Annotated[list[Path] | None, typer.Option(help="Records made elsewhere, shown too; may be given again.")] = None,
    data: Annotated[Path | None, typer.Option(help="CSV, TSV or JSONL with texts to measure with.")] = None,
    threads: Threads = 1,
    min_runs: Annotated[int, typer.Option(min=1, help="Least number of runs a file.")] = 50,
    min_seconds: Annotated[float, typer.Option(min=0.01, help="Least number of seconds a file.")] = 2.0,
    memory: Annotated[bool, typer.Option(help="Measure memory too, in a process of its own a file.")] = True,
    form: Annotated[str, typer.Option("--format", help=f"Of the output: {', '.join(PRINTERS)}.")] = "md",
    out: Annotated[Path | None, typer.Option(help="Write there instead of standard output.")] = None,
    text: TextColumn = None,
    text_pair: PairColumn = None,
) -> None:
    """Measure sealed files on this machine: load, first, tokenize, forward, end to end, memory. Needs no torch.

    Files take turns within one run, so their ratios hold even where the machine's speed drifts.

    With --read it shows records made elsewhere in the same forms: those that the Android app wrote, or another machine.

    Example: [bold]pocketbert bench intents.tflite intents.onnx --threads 2 --format jsonl --out records.jsonl[/]

    Example: [bold]pocketbert bench --read phone.json --read records.jsonl[/]
    """
    from pocketbert.bench import Plan, printed
    from pocketbert.bench import bench as run
    from pocketbert.bench.reading import read_records
    from pocketbert.console import progress_bar
    from pocketbert.edge_export.artifact import open_artifact
    from pocketbert.tasks import Columns, UserError, read_examples
    from pocketbert.tasks.files import write_file

    printed([], form)  # an unknown form is refused before anything is measured
    elsewhere = [record for path in read or () for record in read_records(path)]
    if not files and not elsewhere:
        raise UserError("bench: give sealed files to measure, or --read with records made elsewhere.")
    texts = None
    if files and data is not None:
        examples = read_examples(data, open_artifact(files[0]).task, Columns(text, text_pair), need_label=False)
        texts = tuple(example.texts for example in examples)
    plan = Plan(
        threads=threads,
        min_runs=min_runs,
        min_seconds=min_seconds,
        max_seconds=max(60.0, min_seconds),
        texts=texts,
        texts_from="" if data is None else data.name,
        memory=memory,
    )
    records = []
    if files:
        with progress_bar("bench") as bar:
            records = run(files, plan, bar)
    shown = printed([*records, *elsewhere], form)
    if out is None:
        print(shown, end="")
    else:
        write_file(out, shown.encode())
    if any(record.validity.verdict == "invalid" for record in records):
        raise typer.Exit(1)
