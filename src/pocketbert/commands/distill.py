"""`pocketbert distill`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from pocketbert.commands.generated import with_options
from pocketbert.commands.options import Budget, LabelColumn, PairColumn, TextColumn, TrainSeed
from pocketbert.distill.options import AugmentOptions, IntermediateOptions, PredictionOptions


@with_options(
    augment=("", AugmentOptions),
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
    augment: dict[str, Any] | None = None,
    intermediate: dict[str, Any] | None = None,
    prediction: dict[str, Any] | None = None,
) -> None:
    """Distil a student from a teacher; what is not given is found. Resumes if interrupted.

    Example: [bold]pocketbert distill teacher/ --train train.tsv --dev dev.tsv --student 3 --out student/[/]
    """
    from pocketbert.commands.training import one_stage, recipe_of, student_of
    from pocketbert.console import answer
    from pocketbert.distill.disk import check_out, new_folder
    from pocketbert.distill.folders import read_classifier
    from pocketbert.stages.distill import distill_stage
    from pocketbert.stages.teach import teach_stage

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
        "augment": augment,
        "prediction": prediction,
    }
    if intermediate:
        content["intermediate"] = intermediate
    prefixes = {("augment",): "", ("student",): "", ("intermediate",): "intermediate", ("prediction",): "prediction"}
    recipe = recipe_of(content, prefixes)
    out = check_out(out, (teacher, train, dev, *filter(None, (layers_from, unlabelled))))
    with one_stage(recipe, out, ("intermediate", "student")) as (run, ground, plan):
        taught = teach_stage(recipe, run, ground, plan)
        found = distill_stage(recipe, run, taught, plan).student
        with new_folder(out) as folder:  # copied, so that a kill in between leaves the finished stage to copy again
            shutil.copytree(found.folder / "model", folder, dirs_exist_ok=True)
    metric, dev_metric = ground.task.metric, found.result["metrics"]["dev"][ground.task.metric]
    agreement = found.result["report"]["agreement"]
    agrees = "" if agreement is None else f", agrees with the teacher {agreement:.4f}"  # gold labels alone ask no teacher
    answer.print(f"{out}: {metric} {dev_metric:.4f} on {dev.name}{agrees}")
