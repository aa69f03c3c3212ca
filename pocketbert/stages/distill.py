"""The student: the floor without distillation, the intermediate stage, then the prediction stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketbert.environment import TRAINING
from pocketbert.locate import locate
from pocketbert.recipe import Recipe, Student
from pocketbert.run_folder import RunFolder, StageResult, file_hash
from pocketbert.stages.teach import ROOMS, Taught, scores, show_scores, train_options, training_inputs
from pocketbert.tasks import Example

OWN_ROOMS = (*ROOMS, "pocketbert.stages.distill")


def floor_stage(recipe: Recipe, run: RunFolder, taught: Taught) -> StageResult | None:
    """Runs the stage `floor`: the same student, from the same start, fine-tuned on gold labels without the teacher."""
    if recipe.floor is None:
        return None

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.distill.finetune import finetune

        _write_student(recipe, taught, checkpoints / "start")
        splits = taught.splits
        options = train_options(recipe.floor, recipe.seed)
        report = finetune(checkpoints / "start", splits.train.examples, splits.dev.examples, out / "model", options, checkpoints)
        return {"report": report, **scores(out / "model", taught.task, splits)}

    inputs = _inputs(recipe, taught) | {"floor": training_inputs(recipe.floor)}
    stage = run.stage("floor", inputs, OWN_ROOMS, TRAINING, work)
    show_scores(run, "floor (no distillation)", stage, taught.task)
    return stage


@dataclass(frozen=True)
class Distilled:
    """The finished stages; `intermediate` is None where the recipe has none."""

    intermediate: StageResult | None
    student: StageResult


def distill_stage(recipe: Recipe, run: RunFolder, taught: Taught) -> Distilled:
    """Runs the stages `intermediate` (where the recipe has it) and `student`.

    Raises:
        UserError: teacher and student do not fit, or from the data.
    """
    teacher = taught.stage.folder / "model"
    inputs, start, aligned = _inputs(recipe, taught) | {"augment": recipe.augment.model_dump()}, None, None
    if recipe.intermediate is not None:
        options = _intermediate_options(recipe)

        def align(out: Path, checkpoints: Path) -> dict[str, Any]:
            from pocketbert.distill.intermediate import intermediate

            _write_student(recipe, taught, checkpoints / "start")
            examples = _texts(recipe, taught)
            return intermediate(teacher, checkpoints / "start", examples, out / "model", options(), checkpoints)

        wanted = recipe.intermediate.model_dump(exclude={"training"}) | {
            "training": training_inputs(recipe.intermediate.training)
        }
        aligned = run.stage("intermediate", inputs | {"intermediate": wanted}, OWN_ROOMS, TRAINING, align)
        inputs, start = inputs | {"intermediate": aligned.hash}, aligned.folder / "model"

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.distill.card import write_card
        from pocketbert.distill.prediction import PredictionOptions, prediction

        begin = start
        if begin is None:
            begin = checkpoints / "start"
            _write_student(recipe, taught, begin)
        wanted = recipe.prediction
        options = PredictionOptions(train_options(wanted.training, recipe.seed), wanted.temperature, wanted.hard_label_weight)
        splits = taught.splits
        report = prediction(teacher, begin, _texts(recipe, taught), splits.dev.examples, out / "model", options, checkpoints)
        found = scores(out / "model", taught.task, splits)
        write_card(out / "model", _card(recipe, taught, found))
        return {"report": report, **found}

    wanted = recipe.prediction.model_dump(exclude={"training"}) | {"training": training_inputs(recipe.prediction.training)}
    inputs |= {"prediction": wanted, "licence": recipe.data.licence}
    stage = run.stage("student", inputs, OWN_ROOMS, TRAINING, work)
    show_scores(run, "student", stage, taught.task)
    return Distilled(aligned, stage)


def _inputs(recipe: Recipe, taught: Taught) -> dict[str, Any]:
    return {
        "teacher": taught.stage.hash,
        "student": recipe.student.model_dump(exclude={"layers_from"}),
        "layers_from": _weights(recipe.student.layers_from),
        "seed": recipe.seed,
    }


def _weights(model: str | None) -> str | None:
    """The hash of a model folder's files; an id stays one."""
    place = None if model is None else locate(model)
    return file_hash(place) if place is not None and Path(place).is_dir() else place


def _texts(recipe: Recipe, taught: Taught) -> list[Example]:
    """What the student sees in both stages: the training texts, and those made of them."""
    from pocketbert.distill.recombine import recombined

    examples = taught.splits.train.examples
    return examples + recombined(examples, recipe.augment.recombine, recipe.seed)


def _write_student(recipe: Recipe, taught: Taught, out: Path) -> None:
    from pocketbert.distill.student import write_student

    if not (out / "config.json").is_file():
        teacher = taught.stage.folder / "model"
        write_student(teacher, student_shape(recipe.student), taught.task, recipe.max_length, recipe.seed, out)


def student_shape(student: Student):
    """The recipe's section as distill's own shape."""
    from dataclasses import replace

    from pocketbert.distill.student import NewShape, TeacherLayers, preset

    if student.teacher_layers is not None:
        source = None if student.layers_from is None else locate(student.layers_from)
        return TeacherLayers(tuple(student.teacher_layers), source, student.dropout)
    shape = preset(student.preset) if student.preset else NewShape(**student.shape.model_dump())
    return shape if student.dropout is None else replace(shape, dropout=student.dropout)


def _intermediate_options(recipe: Recipe):
    def build():
        from pocketbert.distill.intermediate import IntermediateOptions

        wanted = recipe.intermediate.model_dump(exclude={"training"})
        return IntermediateOptions(train=train_options(recipe.intermediate.training, recipe.seed), **wanted)

    return build


def _card(recipe: Recipe, taught: Taught, found: dict[str, Any]):
    from pocketbert.distill.card import Card, licence_of_data, licence_of_model

    model = locate(recipe.teacher.model)
    metrics = {f"student on {split}": figures for split, figures in found["metrics"].items()}
    metrics |= {f"teacher on {split}": figures for split, figures in taught.stage.result["metrics"].items()}
    steps = [f"teacher: {recipe.teacher.shown}, {'fine-tuned' if recipe.teacher.fine_tune else 'taken as it is'}"]
    if recipe.augment.recombine:
        steps.append(f"{recipe.augment.recombine} recombined texts without labels for each training text")
    if recipe.intermediate is not None:
        steps.append(f"intermediate distillation, {recipe.intermediate.training.epochs} epochs")
    steps.append(f"prediction distillation, {recipe.prediction.training.epochs} epochs")
    return Card(
        name=recipe.name,
        task=taught.task,
        max_length=recipe.max_length,
        teacher=recipe.teacher.shown,
        teacher_licence=licence_of_model(model),
        data=taught.splits.train.name,
        data_licence=recipe.data.licence or licence_of_data(taught.splits.train.path),
        steps=tuple(steps),
        metrics=metrics,
    )
