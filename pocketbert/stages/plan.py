"""What the build is going to do: the pace of this machine measured once, then every stage fitted to the budget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketbert.distill.auto import Sizes
from pocketbert.distill.disk import source_of
from pocketbert.distill.options import AUTO, IntermediateOptions
from pocketbert.distill.plan import BUDGET_MINUTES, Plan, Work, fit
from pocketbert.environment import TRAINING
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult, file_hash
from pocketbert.stages.ground import Ground
from pocketbert.stages.student import student_inputs, student_shape, texts_for_student

MODULES = ("pocketbert.distill.pace", "pocketbert.distill.student")

# What a file takes to be lowered, verified and measured, and what the bench takes besides: estimates, which only the minutes
# that are shown and the room left for training rest on.
FILE_SECONDS, BENCH_SECONDS = 15.0, 45.0
PACE_ROWS = 400


def pace_stage(recipe: Recipe, run: RunFolder, ground: Ground) -> StageResult:
    """Runs the stage `pace`: seconds per step and per text of teacher and student, and their sizes."""
    inputs = {
        "model": model_hash(ground.model),
        "student": student_inputs(recipe),
        "task": ground.task.to_dict(),
        "train": ground.splits.train.fingerprint,
        "max_length": recipe.max_length,
        "batch": recipe.teacher.training.batch_size,
        "precision": recipe.teacher.training.precision,
    }

    def work(out: Path, _: Path) -> dict[str, Any]:
        from pocketbert.distill.folders import read_classifier
        from pocketbert.distill.pace import measure
        from pocketbert.distill.precision import for_task
        from pocketbert.distill.student import build_student
        from pocketbert.distill.texts import encode

        place = source_of(ground.model)
        teacher = read_classifier(place, ground.task, recipe.max_length)
        examples = ground.splits.train.examples
        student = build_student(place, student_shape(recipe, place), ground.task, recipe.max_length, recipe.seed, examples)
        encoded = encode(teacher.tokenizer, examples[:: -(-len(examples) // PACE_ROWS)], recipe.max_length)
        precision = for_task(recipe.teacher.training, ground.task).precision
        batch = recipe.teacher.training.batch_size
        found: dict[str, Any] = {"tokens": sum(len(row["input_ids"]) for row in encoded.rows) / len(encoded.rows)}
        for name, model in (("teacher", teacher.model), ("student", student)):
            size = {"width": model.config.hidden_size, "layers": model.config.num_hidden_layers}
            pace = measure(model, encoded.rows, 32 if batch == AUTO else batch, teacher.tokenizer.pad_token_id, precision)
            found[name] = size | {"step": pace.step, "text": pace.text}
        return found

    return run.stage("pace", inputs, MODULES, TRAINING, work)


def make_plan(recipe: Recipe, ground: Ground, pace: StageResult, only: tuple[str, ...] | None = None) -> Plan:
    """Fits the stages to the recipe's budget.

    Args:
        recipe: what is wanted.
        ground: the data.
        pace: what `pace_stage` measured.
        only: the training stages that are going to run, and no file is made; None: the whole build.

    Raises:
        UserError: the budget is too small for anything.
    """
    taught, learning = pace.result["teacher"], pace.result["student"]
    dev, rows = len(ground.splits.dev.examples), len(ground.splits.train.examples)
    texts = len(texts_for_student(recipe, ground.splits.train.examples, ground.splits.unlabelled))

    def sizes(model: dict[str, Any], count: int) -> Sizes:
        return Sizes(model["width"], model["layers"], count, ground.task.outputs, pace.result["tokens"])

    works = []
    if recipe.teacher.fine_tune:
        works.append(
            Work("teacher", "teacher", recipe.teacher.training, sizes(taught, rows), taught["step"], taught["text"], dev)
        )
    if recipe.baseline is not None:
        size = sizes(learning, rows)
        works.append(Work("baseline", "baseline", recipe.baseline, size, learning["step"], learning["text"], dev))
    both = learning["step"] + 32 * taught["text"]  # the teacher reads every batch too
    inner = intermediate_options(recipe)
    if inner is not None:
        works.append(Work("intermediate", "intermediate", inner.training, sizes(learning, texts), both, 0.0, 0))
    step = both if recipe.prediction.losses else learning["step"]
    logits = 0.0 if recipe.prediction.hard_label_weight == 1 else texts * taught["text"]
    works.append(
        Work("student", "prediction", recipe.prediction.training, sizes(learning, texts), step, learning["text"], dev, logits)
    )
    budget = (BUDGET_MINUTES if recipe.budget == AUTO else recipe.budget) * 60
    if only is not None:
        works = [work for work in works if work.name in only]
        return fit(works, budget, 0.0, recipe.seed, recipe.compares_stages)
    files = len(recipe.export.formats) * (2 if recipe.export.teacher else 1)
    return fit(works, budget, files * FILE_SECONDS + BENCH_SECONDS, recipe.seed, recipe.compares_stages)


def intermediate_options(recipe: Recipe) -> IntermediateOptions | None:
    """The recipe's intermediate stage; the default one where dev is to decide about it."""
    if recipe.compares_stages:
        return IntermediateOptions()
    return recipe.intermediate


def model_hash(model: str) -> str:
    """The hash of a model folder's files; an id stays one."""
    place = locate(model)
    return file_hash(place) if Path(place).is_dir() else place
