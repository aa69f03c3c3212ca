"""What the build is going to do: the pace of this machine measured once, then every stage fitted to the budget."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pocketbert.distill.auto import Role, Sizes, freezes, show_tried, show_value
from pocketbert.distill.budget import fit, fit_by_default
from pocketbert.distill.disk import source_of
from pocketbert.distill.options import AUTO, IntermediateOptions, TrainOptions
from pocketbert.distill.plan import Plan, Work
from pocketbert.environment import TRAINING
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult, file_hash
from pocketbert.stages.augment import copies_of, operations_of
from pocketbert.stages.ground import Ground
from pocketbert.stages.student import student_inputs, student_shape
from pocketbert.tables import plan_table
from pocketbert.tasks.files import write_file

MODULES = ("pocketbert.distill.pace", "pocketbert.distill.student", "pocketbert.stages.student")

# What comes after training: files of student and teacher in three formats, about 20 seconds each to lower and seal, every row of
# dev and test through each, and 60 seconds to measure them. An estimate, the same for a recipe that wants fewer files: what is
# exported must not decide how long anything trains, or one format more would train everything anew.
FORMATS, LOWERING_SECONDS, MEASURING_SECONDS = 3, 20.0, 60.0
PACE_ROWS, PACE_BATCH = 400, 32


def pace_stage(recipe: Recipe, run: RunFolder, ground: Ground) -> StageResult:
    """Runs the stage `pace`: seconds per step and text of teacher and student, to read, tokenize and write; their sizes."""
    inputs = {
        "model": model_hash(ground.model),
        "student": student_inputs(recipe),
        "task": ground.task.to_dict(),
        "train": ground.splits.train.fingerprint,
        "max_length": ground.max_length,
        "batch": recipe.teacher.training.batch_size,
        "precision": [recipe.teacher.training.precision, recipe.prediction.training.precision],
    }

    def work(out: Path, _: Path) -> dict[str, Any]:
        from pocketbert.distill.folders import read_classifier
        from pocketbert.distill.pace import faster_precision, measure
        from pocketbert.distill.student import build_student
        from pocketbert.distill.texts import encode, pad_id_of

        place = source_of(ground.model)
        examples = ground.splits.train.examples
        student = build_student(place, student_shape(recipe, place), ground.task, ground.max_length, recipe.seed, examples)
        began = time.monotonic()
        teacher = read_classifier(place, ground.task, ground.max_length)  # after the student, whose reading imported the code
        read = time.monotonic() - began
        began = time.monotonic()
        encoded = encode(teacher.tokenizer, examples[:: -(-len(examples) // PACE_ROWS)], ground.max_length)
        tokenize = (time.monotonic() - began) / len(encoded.rows)
        batch = PACE_BATCH if recipe.teacher.training.batch_size == AUTO else recipe.teacher.training.batch_size
        found: dict[str, Any] = {"tokens": sum(len(row["input_ids"]) for row in encoded.rows) / len(encoded.rows)}
        found |= {"read": read, "tokenize": tokenize}
        pad_id = pad_id_of(teacher.tokenizer)
        if ground.task.discrete:
            found["precision"] = faster_precision(teacher.model, encoded.rows, batch, pad_id)
        else:
            found["precision"] = "fp32", "a value in bfloat16 has no more than three digits"
        given = {"teacher": recipe.teacher.training.precision, "student": recipe.prediction.training.precision}
        for name, model in (("teacher", teacher.model), ("student", student)):
            size = {"width": model.config.hidden_size, "layers": model.config.num_hidden_layers}
            precision = found["precision"][0] if given[name] == AUTO else given[name]
            pace = measure(model, encoded.rows, batch, pad_id, precision, out)
            found[name] = size | asdict(pace)
        return found

    return run.stage("pace", inputs, MODULES, TRAINING, work)


def make_plan(
    recipe: Recipe,
    ground: Ground,
    pace: StageResult,
    only: tuple[str, ...] | None = None,
    augment_pace: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> Plan:
    """Fits the stages to the recipe's budget.

    Args:
        recipe: what is wanted.
        ground: the data.
        pace: what `pace_stage` measured.
        only: the training stages that are going to run, and no file is made; None: the whole build.
        augment_pace: what `augment_pace_stage` measured.

    Raises:
        UserError: the budget is too small for anything.
    """
    taught, learning = pace.result["teacher"], pace.result["student"]
    read, tokenize = pace.result["read"], pace.result["tokenize"]
    soft = recipe.prediction.hard_label_weight < 1
    dev, rows = len(ground.splits.dev.examples), len(ground.splits.train.examples)
    test = 0 if ground.splits.test is None else len(ground.splits.test.examples)
    own = rows + len(ground.splits.unlabelled)
    augment = sum(start + own * each for start, each in augment_pace.values())
    texts = own * (1 + copies_of(operations_of(recipe, own)))
    copies = recipe.student.preset is None and recipe.student.shape is None

    def work(name: str, role: Role, options: TrainOptions, count: int, guided: bool = False, beside: bool = False) -> Work:
        """A stage that trains on so many texts.

        `guided`: it follows the teacher, which is read too and scores dev; `beside`: the teacher reads every batch too.
        """
        model = taught if role == "teacher" else learning
        scored = 0 if role == "intermediate" else dev
        once = read + tokenize * (count + scored) + scored * model["text"] + model["write"]
        once += read + scored * taught["text"] if guided else 0.0
        # its scores on dev and test, and its size, for each of which it is read
        finished = (2 + bool(test)) * read + (dev + test) * (tokenize + model["text"]) if scored else 0.0
        inherits, precision = guided and copies, tuple(pace.result["precision"])
        size = Sizes(model["width"], model["layers"], count, ground.task.outputs, pace.result["tokens"], inherits, precision)
        step = model["frozen_step"] if freezes(options, size) else model["step"]
        logits = count * taught["text"] if role == "prediction" and soft else 0.0
        return Work(
            name,
            role,
            options,
            size,
            update_seconds=step["update"],
            step_text_seconds=step["text"] + (taught["text"] if beside else 0.0),
            text_seconds=model["text"],
            dev_rows=scored,
            start_seconds=logits,
            end_seconds=finished,
            run_seconds=once,
            score_seconds=model["write"],
        )

    works = []
    if recipe.teacher.fine_tune:
        works.append(work("teacher", "teacher", recipe.teacher.training, rows))
    if recipe.baseline is not None:
        works.append(work("baseline", "baseline", recipe.baseline, rows))
    inner = intermediate_options(recipe)
    if inner is not None:
        works.append(work("intermediate", "intermediate", inner.training, texts, guided=True, beside=True))
    beside = bool(recipe.prediction.losses)
    works.append(work("student", "prediction", recipe.prediction.training, texts, soft or beside, beside))
    finish = FORMATS * (2 * LOWERING_SECONDS + (dev + test) * (taught["text"] + learning["text"])) + MEASURING_SECONDS
    if only is not None:
        works, finish = [stage for stage in works if stage.name in only], 0.0
        augment = augment if "student" in only else 0.0
    if recipe.budget == AUTO:
        plan = fit_by_default(works, finish + augment, recipe.seed, recipe.compares_stages)
    else:
        plan = fit(works, recipe.budget * 60, finish + augment, recipe.seed, recipe.compares_stages)
    return replace(plan, finish_seconds=finish, augment_seconds=augment)


def show_plan(run: RunFolder, plan: Plan) -> None:
    """Prints the plan and what was chosen for it, and keeps both as plan.json in the run folder."""
    run.say(plan_table(plan))
    alike: dict[str, list[str]] = {}
    for name, stage in plan.stages.items():
        for choice in stage.choices:
            alike.setdefault(choice_line(choice.to_dict()), []).append(name)
    for line, names in alike.items():
        run.say(f"  [dim]{', '.join(names)}: {line}[/]")
    write_file(run.path / "plan.json", json.dumps(plan.to_dict(), indent=1).encode())


def choice_line(choice: dict[str, Any]) -> str:
    """`learning_rate 0.0001 (0.0001: 0.8012, 5e-05: 0.7900): best of a short search on dev`."""
    tried = show_tried(choice)
    return f"{choice['option']} {show_value(choice['value'])}{f' ({tried})' if tried else ''}: {choice['why']}"


def intermediate_options(recipe: Recipe) -> IntermediateOptions | None:
    """The recipe's intermediate stage; the default one where dev is to decide about it."""
    if recipe.compares_stages:
        return IntermediateOptions()
    return recipe.intermediate


def model_hash(model: str) -> str:
    """The hash of a model folder's files; an id stays one."""
    place = locate(model)
    return file_hash(place) if Path(place).is_dir() else place
