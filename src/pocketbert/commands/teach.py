"""`pocketbert teach`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pocketbert.commands.generated import with_options
from pocketbert.commands.options import Budget, LabelColumn, MaxLength, PairColumn, TextColumn
from pocketbert.distill.options import TrainOptions


@with_options(training=("", TrainOptions))
def teach(
    model: Annotated[
        str, typer.Argument(help="An encoder or classifier to fine-tune: folder, Hugging Face id or package:NAME/PATH.")
    ],
    train: Annotated[Path, typer.Option(help="Labelled training data.")],
    dev: Annotated[Path, typer.Option(help="Labelled development data.")],
    out: Annotated[Path, typer.Option(help="Folder for the fine-tuned teacher.")] = Path("teacher"),
    task: Annotated[str, typer.Option(help="classification or regression.")] = "classification",
    max_length: MaxLength = None,
    budget: Budget = None,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
    training: dict[str, Any] | None = None,
) -> None:
    """Fine-tune a teacher; what is not given is found. Resumes if interrupted.

    Example: [bold]pocketbert teach bert-base-uncased --train train.tsv --dev dev.tsv --out teacher/[/]
    """
    from pocketbert import single_stage
    from pocketbert.console import answer

    content = {
        "task": task,
        "data": {"train": str(train), "dev": str(dev), "columns": {"text": text, "text_pair": text_pair, "label": label}},
        "max_length": max_length,
        "budget": budget or "auto",
        "teacher": {"model": model, "training": training},
    }
    taught = single_stage.teach(single_stage.recipe_of(content, {("teacher", "training"): ""}), out)
    answer.print(f"{out}: {taught.metric} {taught.score:.4f} on {dev.name}")
