"""`pocketbert distill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import LabelColumn, PairColumn, TextColumn, columns_of


def distill(
    teacher: Annotated[Path, typer.Argument(help="Folder of a fine-tuned teacher.")],
    train: Annotated[Path, typer.Option(help="Training texts; labels are needed only with --hard-label-weight.")],
    dev: Annotated[Path, typer.Option(help="Labelled development data.")],
    out: Annotated[Path, typer.Option(help="Folder for the student.")] = Path("student"),
    student: Annotated[
        str, typer.Option(help="tinybert-4l-312, tinybert-6l-768, or teacher layers such as 1,4.")
    ] = "tinybert-4l-312",
    layers_from: Annotated[str | None, typer.Option(help="Model to copy those layers from; the teacher otherwise.")] = None,
    intermediate_epochs: Annotated[int, typer.Option(min=0, help="0 leaves the intermediate stage out.")] = 10,
    intermediate_learning_rate: Annotated[float, typer.Option(min=0)] = 5e-5,
    prediction_epochs: Annotated[int, typer.Option(min=1)] = 3,
    prediction_learning_rate: Annotated[float, typer.Option(min=0)] = 3e-5,
    temperature: Annotated[float, typer.Option(min=0)] = 1.0,
    hard_label_weight: Annotated[float, typer.Option(min=0, max=1)] = 0.0,
    layer_map: Annotated[str, typer.Option(help="uniform, top, bottom, last, or teacher layers such as 2,5.")] = "uniform",
    batch_size: Annotated[int, typer.Option(min=1)] = 32,
    seed: int = 0,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
) -> None:
    """Distil a student from a teacher: intermediate stage, then prediction stage.

    Example: [bold]pocketbert distill teacher/ --train train.tsv --dev dev.tsv --student 1,4 --out student/[/]
    """
    from pocketbert.console import answer
    from pocketbert.environment import check_training_python
    from pocketbert.locate import locate
    from pocketbert.tasks import UserError, examples_of, read_table

    check_training_python()
    try:
        from pocketbert.distill.folders import read_classifier
        from pocketbert.distill.intermediate import IntermediateOptions, intermediate
        from pocketbert.distill.options import TrainOptions
        from pocketbert.distill.prediction import PredictionOptions, prediction
        from pocketbert.distill.student import TeacherLayers, preset, write_student
    except ImportError as error:
        raise UserError(f"distillation needs {error.name}; `pip install 'pocketbert[distill]'`.") from None
    known = read_classifier(teacher)
    columns = columns_of(text, text_pair, label)
    train_set = examples_of(read_table(train), known.task, columns, need_label=hard_label_weight > 0)
    dev_set = examples_of(read_table(dev), known.task, columns)
    layers = _numbers(student)
    source = None if layers_from is None else locate(layers_from)
    shape = preset(student) if layers is None else TeacherLayers(layers, source)
    work = out.with_name(f".{out.name}.work")
    begin = work / "start"
    if not (begin / "config.json").is_file():
        write_student(teacher, shape, known.task, known.max_length, seed, begin)
    if intermediate_epochs:
        training = TrainOptions(
            epochs=intermediate_epochs,
            learning_rate=intermediate_learning_rate,
            batch_size=batch_size,
            schedule="constant",
            warmup=0.0,
            keep="last",
            seed=seed,
        )
        options = IntermediateOptions(training, _numbers(layer_map) or layer_map)
        if not (work / "aligned" / "config.json").is_file():
            intermediate(teacher, begin, train_set, work / "aligned", options, work / "intermediate")
        begin = work / "aligned"
    training = TrainOptions(epochs=prediction_epochs, learning_rate=prediction_learning_rate, batch_size=batch_size, seed=seed)
    wanted = PredictionOptions(training, temperature, hard_label_weight)
    report = prediction(teacher, begin, train_set, dev_set, out, wanted, work / "prediction")
    metric = known.task.metric
    answer.print(f"{out}: {metric} {report['dev'][metric]:.4f} on {dev.name}, agrees with the teacher {report['agreement']:.4f}")


def _numbers(text: str) -> tuple[int, ...] | None:
    """ "1,4" as (1, 4); None for a name."""
    parts = text.split(",")
    return tuple(map(int, parts)) if all(part.strip().isdecimal() for part in parts) else None
