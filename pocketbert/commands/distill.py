"""`pocketbert distill`."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from pocketbert.commands.options import LabelColumn, PairColumn, TextColumn, columns_of

# packages whose code decides what a stage makes
ROOMS = ("pocketbert.tasks", "pocketbert.distill", "pocketbert.commands.distill")


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
    recombine: Annotated[int, typer.Option(min=0, max=100, help="Unlabelled texts made of each training text.")] = 0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 0,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
) -> None:
    """Distil a student from a teacher: intermediate stage, then prediction stage. Killed and run again, it goes on.

    Example: [bold]pocketbert distill teacher/ --train train.tsv --dev dev.tsv --student 1,4 --out student/[/]
    """
    from pocketbert.console import answer
    from pocketbert.distill.disk import check_out
    from pocketbert.environment import check_training_python
    from pocketbert.locate import locate
    from pocketbert.tasks import UserError, examples_of, read_table

    check_training_python()
    source = None if layers_from is None else locate(layers_from)
    out = check_out(out, (teacher, train, dev, *([source] if source else [])))
    if recombine and hard_label_weight:
        raise UserError("--recombine makes texts without labels; leave out --hard-label-weight with it.")
    try:
        from pocketbert.distill.folders import read_classifier
        from pocketbert.distill.options import TrainOptions
        from pocketbert.distill.prediction import PredictionOptions
        from pocketbert.distill.recombine import recombined
        from pocketbert.distill.student import TeacherLayers, preset
    except ImportError as error:
        raise UserError(f"distillation needs {error.name}; `pip install 'pocketbert[distill]'`.") from None
    first = _intermediate(intermediate_epochs, batch_size, intermediate_learning_rate, layer_map, seed)
    training = TrainOptions(prediction_epochs, batch_size, prediction_learning_rate, seed=seed)
    second = PredictionOptions(training, temperature, hard_label_weight)
    layers = _numbers(student)
    shape = preset(student) if layers is None else TeacherLayers(layers, source)
    known = read_classifier(teacher)
    columns = columns_of(text, text_pair, label)
    train_set = examples_of(read_table(train), known.task, columns, need_label=hard_label_weight > 0)
    train_set += recombined(train_set, recombine, seed)
    dev_set = examples_of(read_table(dev), known.task, columns)
    plan = _Plan(
        teacher=teacher,
        task=known.task,
        max_length=known.max_length,
        shape=shape,
        seed=seed,
        train=train_set,
        dev=dev_set,
        intermediate=first,
        prediction=second,
    )
    report = _run(plan, out)
    metric = known.task.metric
    answer.print(f"{out}: {metric} {report['dev'][metric]:.4f} on {dev.name}, agrees with the teacher {report['agreement']:.4f}")


def _intermediate(epochs: int, batch_size: int, learning_rate: float, layer_map: str, seed: int):
    """The first stage's options; None where it is left out."""
    from pocketbert.distill.intermediate import IntermediateOptions
    from pocketbert.distill.options import TrainOptions

    if not epochs:
        return None
    training = TrainOptions(epochs, batch_size, learning_rate, "constant", warmup=0.0, keep="last", seed=seed)
    return IntermediateOptions(training, _numbers(layer_map) or layer_map)


@dataclass(frozen=True)
class _Plan:
    """Everything that decides what comes out."""

    teacher: Path
    task: Any
    max_length: int
    shape: Any
    seed: int
    train: list
    dev: list
    intermediate: Any
    prediction: Any

    def inputs(self) -> dict[str, Any]:
        """The plan as JSON, files by their content."""
        from pocketbert.distill.disk import folder_fingerprint
        from pocketbert.tasks import fingerprint

        source = getattr(self.shape, "source", None)
        return {
            "teacher": folder_fingerprint(self.teacher),
            "task": self.task.to_dict(),
            "max_length": self.max_length,
            "shape": [type(self.shape).__name__, asdict(self.shape)],
            "layers_from": folder_fingerprint(Path(source)) if source and Path(source).is_dir() else source,
            "seed": self.seed,
            "train": fingerprint(self.train),
        }


def _run(plan: _Plan, out: Path) -> dict[str, Any]:
    """Both stages in a work folder beside `out`, which is removed once `out` is written; returns the last one's report."""
    from pocketbert.console import say
    from pocketbert.distill.disk import new_folder
    from pocketbert.distill.intermediate import intermediate
    from pocketbert.distill.prediction import prediction
    from pocketbert.distill.student import write_student
    from pocketbert.environment import TRAINING
    from pocketbert.run_folder import open_run
    from pocketbert.tasks import fingerprint

    def start(checkpoints: Path) -> Path:
        begin = checkpoints / "start"
        if not (begin / "config.json").is_file():  # the run folder empties `checkpoints` when an input changes
            write_student(plan.teacher, plan.shape, plan.task, plan.max_length, plan.seed, begin)
        return begin

    with open_run(out.with_name(f".{out.name}.work"), say) as run:
        inputs, aligned = plan.inputs(), None
        if plan.intermediate is not None:

            def align(fresh: Path, checkpoints: Path) -> dict[str, Any]:
                begin = start(checkpoints)
                return intermediate(plan.teacher, begin, plan.train, fresh / "model", plan.intermediate, checkpoints)

            stage = run.stage("intermediate", inputs | {"intermediate": asdict(plan.intermediate)}, ROOMS, TRAINING, align)
            inputs, aligned = inputs | {"intermediate": stage.hash}, stage.folder / "model"

        def predict(fresh: Path, checkpoints: Path) -> dict[str, Any]:
            begin = aligned or start(checkpoints)
            return prediction(plan.teacher, begin, plan.train, plan.dev, fresh / "model", plan.prediction, checkpoints)

        deciding = {"prediction": asdict(plan.prediction), "dev": fingerprint(plan.dev)}
        stage = run.stage("student", inputs | deciding, ROOMS, TRAINING, predict)
        with new_folder(out) as folder:  # copied, so that a kill in between leaves the finished stage to copy again
            shutil.copytree(stage.folder / "model", folder, dirs_exist_ok=True)
        shutil.rmtree(run.path)
    return stage.result


def _numbers(text: str) -> tuple[int, ...] | None:
    """ "1,4" as (1, 4); None for a name."""
    parts = text.split(",")
    return tuple(map(int, parts)) if all(part.strip().isdecimal() for part in parts) else None
