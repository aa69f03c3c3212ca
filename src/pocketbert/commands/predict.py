"""`pocketbert predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import Engine, PairColumn, TextColumn, Threads


def predict(
    file: Annotated[Path, typer.Argument(help="A sealed .pte, .tflite or .onnx.")],
    texts: Annotated[list[str] | None, typer.Argument(help="Texts; none: lines of standard input.")] = None,
    data: Annotated[Path | None, typer.Option("--input", help="CSV, TSV or JSONL with the texts.")] = None,
    pair: Annotated[str | None, typer.Option(help="Second text, for a file that takes pairs.")] = None,
    top_k: Annotated[int, typer.Option(min=1, help="How many labels a text.")] = 1,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Abstain (label null) below this score.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    threads: Threads = 1,
    engine: Engine = "auto",
) -> None:
    """Label texts with a sealed file: from arguments, a data file, or standard input.

    A pair is a second text behind --pair, the two columns of a data file, or two fields of a line with a tab between.

    Example: [bold]pocketbert predict intents.tflite "wake me at six" "play some jazz" --top-k 3[/]
    """
    from rich.markup import escape

    from pocketbert.console import answer
    from pocketbert.edge_export.artifact import load
    from pocketbert.tasks import UserError

    with load(file, threads, engine) as predictor:
        task = predictor.artifact.task
        if pair is not None and len(texts or ()) != 1:
            raise UserError("--pair goes with exactly one text.")
        for one in _texts(task, texts, data, pair, (text, text_pair)):
            found = predictor.predict([one], top_k=None if top_k >= task.outputs else top_k, threshold=threshold)[0]
            labels = found if isinstance(found, list) else [found]
            if as_json:
                print(json.dumps({"texts": list(one), "labels": labels}, ensure_ascii=False), flush=True)
                continue
            shown = ", ".join(f"[bold]{escape(str(e['label'] or '(abstains)'))}[/] {e['score']:.4f}" for e in labels)
            answer.print(f"{shown}  [dim]{escape(' | '.join(one))}[/]")


def _texts(task, texts: list[str] | None, data: Path | None, pair: str | None, columns) -> Iterator[tuple[str, ...]]:
    from pocketbert.tasks import Columns, UserError, read_table, unlabelled_of

    if data is not None:
        if texts:
            raise UserError("give texts or --input, not both.")
        yield from (example.texts for example in unlabelled_of(read_table(data), task, Columns(*columns)))
    elif pair is not None:
        yield from ((text, pair) for text in texts or ())
    else:
        if not texts and sys.stdin.isatty():
            print("type a text and press Enter; end with Ctrl-D", file=sys.stderr)
        for number, line in enumerate(texts or sys.stdin, 1):
            parts = tuple(line.rstrip("\n").split("\t")) if task.pair else (line.rstrip("\n"),)
            if len(parts) != (2 if task.pair else 1):
                raise UserError(f"text {number}: this file takes pairs; put a tab between the two texts, or use --pair.")
            yield parts
