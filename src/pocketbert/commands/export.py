"""`pocketbert export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import LabelColumn, MaxLength, PairColumn, TextColumn, columns_of


def export(
    model: Annotated[str, typer.Argument(help="A fine-tuned BERT-type classifier: Hugging Face folder or id.")],
    data: Annotated[Path | None, typer.Option(help="Labelled CSV, TSV or JSONL that the files are verified on.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the sealed files.")] = Path("sealed"),
    formats: Annotated[str, typer.Option("--format", help="Which, comma between: pte,tflite,onnx.")] = "pte,tflite,onnx",
    quantization: Annotated[str, typer.Option(help="int8 or fp32.")] = "int8",
    max_length: MaxLength = None,
    pair: Annotated[bool | None, typer.Option("--pair/--single", help="Texts a model takes, where it does not say.")] = None,
    static_length: Annotated[int | None, typer.Option(min=2, help="One padded length, for accelerators.")] = None,
    mediapipe: Annotated[bool, typer.Option(help="Make the .tflite open in MediaPipe's TextClassifier.")] = False,
    min_delegation: Annotated[float, typer.Option(min=0, max=1, help="Least share of work in the fast backend.")] = 0.99,
    points: Annotated[float, typer.Option(min=0, help="Metric points that a file may lose.")] = 1.0,
    rows: Annotated[int, typer.Option(min=0, help="Rows that it may lose besides.")] = 2,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
) -> None:
    """Make sealed files of any fine-tuned BERT-type classifier, with no distillation.

    With --data each file is verified against the model on it, and a drop past the limits is an error.

    Example: [bold]pocketbert export my-finetuned-bert/ --data dev.tsv[/]
    """
    from pydantic import ValidationError

    from pocketbert import api
    from pocketbert.console import answer
    from pocketbert.recipe import Export
    from pocketbert.tables import verdict_table

    containers = [part.strip().lstrip(".") for part in formats.split(",")]
    if mediapipe and "tflite" not in containers:
        raise api.UserError("--mediapipe is about the .tflite; add tflite to --format, or leave --mediapipe out.")
    if data is None and (text, text_pair, label) != (None, None, None):
        raise api.UserError("--text, --text-pair and --label name columns of the rows of --data, which is not given.")
    try:
        wanted = Export.model_validate(
            {
                "formats": containers,
                "quantization": quantization,
                "min_delegation": min_delegation,
                "static_length": static_length,
                "mediapipe": mediapipe,
            }
        )
    except ValidationError:
        raise api.UserError(f'--format "{formats}": use pte, tflite and onnx with commas between.') from None
    made = api.export(
        model,
        out,
        data=data,
        columns=columns_of(text, text_pair, label),
        wanted=wanted,
        limits=api.Limits(points, rows),
        max_length=max_length,
        pair=pair,
    )
    for verdict in made.verdicts.values():
        answer.print(verdict_table(verdict))
    if not all(verdict.passed for verdict in made.verdicts.values()):
        raise api.UserError("a file failed its verification (see above); do not ship it.")
    for file in made.files.values():
        answer.print(f"{file}  {file.stat().st_size / 1e6:.1f} MB")
