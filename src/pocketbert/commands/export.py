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

    from pocketbert.console import answer, progress_bar, say
    from pocketbert.environment import check_training_python
    from pocketbert.recipe import Export
    from pocketbert.tasks import UserError, examples_of, read_table
    from pocketbert.tasks.columns import resolve
    from pocketbert.tasks.errors import not_installed

    check_training_python()
    try:
        wanted = Export(
            formats=[part.strip().lstrip(".") for part in formats.split(",")],
            quantization=quantization,
            min_delegation=min_delegation,
            static_length=static_length,
            mediapipe=mediapipe,
        )
    except ValidationError:
        raise UserError(f'--format "{formats}": use pte, tflite and onnx with commas between.') from None
    try:
        from pocketbert.edge_export.source import load_source
    except ImportError as error:
        raise not_installed("export", error.name, "export") from None
    from pocketbert.edge_export.reference import read_reference
    from pocketbert.edge_export.verify import Limits, verify, write_verdict
    from pocketbert.stages.export import export_folder
    from pocketbert.tables import verdict_table

    columns, table = columns_of(text, text_pair, label), None if data is None else read_table(data)
    if table is not None and pair is None and not _knows_its_task(model):
        pair = resolve(table, columns, None, need_label=True).text_pair is not None
    source = load_source(model, max_length, pair)
    examples = None if table is None else examples_of(table, source.task, columns)
    recorded = None if examples is None else (data.name, examples)
    found = export_folder(model, wanted, out, say, data=recorded, source=source)
    reference = None if examples is None else read_reference(out / "reference.json")
    passed = True
    for entry in found["files"].values():
        with progress_bar(f"verify {entry['file']}") as bar:
            verdict = verify(out / entry["file"], examples, reference, Limits(points, rows), progress=bar)
        write_verdict(out / entry["file"], verdict)
        answer.print(verdict_table(verdict))
        passed = passed and verdict.passed
    if not passed:
        raise UserError("a file failed its verification (see above); do not ship it.")
    for entry in found["files"].values():
        answer.print(f"{out / entry['file']}  {entry['bytes'] / 1e6:.1f} MB")


def _knows_its_task(model: str) -> bool:
    """Whether the folder was written by `pocketbert distill` or `teach`, which record single or pair."""
    config = Path(model) / "config.json"
    return config.is_file() and '"pocketbert"' in config.read_text(encoding="utf-8")
