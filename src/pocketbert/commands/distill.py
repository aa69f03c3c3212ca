"""`pocketbert distill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pocketbert.commands.generated import with_options
from pocketbert.commands.options import Budget, LabelColumn, PairColumn, TextColumn, TrainSeed
from pocketbert.distill.options import AugmentOptions, IntermediateOptions, PredictionOptions


@with_options(
    more=("", AugmentOptions),
    intermediate=("intermediate", IntermediateOptions),
    prediction=("prediction", PredictionOptions),
)
def distill(
    teacher: Annotated[Path, typer.Argument(help="Folder of a fine-tuned teacher.")],
    train: Annotated[Path, typer.Option(help="Training texts with labels.")],
    dev: Annotated[Path, typer.Option(help="Labelled development data.")],
    out: Annotated[Path, typer.Option(help="Folder for the student.")] = Path("student"),
    student: Annotated[
        str, typer.Option(help="Depth such as 3, teacher layers such as 0,2,5 or 4, (one), a preset, or auto.")
    ] = "auto",
    layers_from: Annotated[str | None, typer.Option(help="Model to copy layers from; the teacher otherwise.")] = None,
    feed_forward: Annotated[
        int | None, typer.Option(help="Feed-forward neurons kept in each layer; found, or all, otherwise.", min=1)
    ] = None,
    dropout: Annotated[float | None, typer.Option(help="The student's while training; the source's own otherwise.")] = None,
    method: Annotated[str, typer.Option(help="A method by name, such as tinybert or logits; auto: dev decides.")] = "auto",
    unlabelled: Annotated[Path | None, typer.Option(help="Texts without labels, for the teacher to label.")] = None,
    budget: Budget = None,
    seed: TrainSeed = 0,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
    more: dict[str, Any] | None = None,
    intermediate: dict[str, Any] | None = None,
    prediction: dict[str, Any] | None = None,
) -> None:
    """Distil a student from a teacher; what is not given is found. Resumes if interrupted.

    Example: [bold]pocketbert distill teacher/ --train train.tsv --dev dev.tsv --student 3 --out student/[/]
    """
    from pocketbert import single_stage
    from pocketbert.console import answer
    from pocketbert.distill.folders import read_classifier

    known = read_classifier(teacher)
    data = {"train": str(train), "dev": str(dev), "unlabelled": None if unlabelled is None else str(unlabelled)}
    shape = {"layers_from": layers_from, "feed_forward": feed_forward, "dropout": dropout}
    content = {
        "task": known.task.kind,
        "data": data | {"columns": {"text": text, "text_pair": text_pair, "label": label}},
        "max_length": known.max_length,
        "seed": seed,
        "budget": budget or "auto",
        "method": method,
        "teacher": {"model": str(teacher), "fine_tune": False},
        "student": student_of(student) | {name: value for name, value in shape.items() if value is not None},
        "baseline": None,
        **(more or {}),
        "prediction": prediction,
    }
    if intermediate:
        content["intermediate"] = intermediate
    prefixes = {("student",): "", ("intermediate",): "intermediate", ("prediction",): "prediction"}
    found = single_stage.distill(single_stage.recipe_of(content, prefixes), out)
    agrees = "" if found.agreement is None else f", agrees with the teacher {found.agreement:.4f}"
    answer.print(f"{out}: {found.metric} {found.score:.4f} on {dev.name}{agrees}")


def student_of(text: str) -> dict[str, Any]:
    """The option --student as the recipe's section: a depth, layers with commas between, a preset, or auto."""
    if text == "auto":
        return {}
    if text.isdecimal():
        return {"layers": int(text)}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if "," in text and all(part.isdecimal() for part in parts):
        return {"teacher_layers": [int(part) for part in parts]}
    return {"preset": text}
