"""The student: its baseline without a teacher, what dev chooses for it, the intermediate stage, then the predictions."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pocketbert.distill.choose import Question, choose
from pocketbert.distill.disk import source_of
from pocketbert.distill.options import IntermediateOptions, Settled
from pocketbert.distill.plan import Plan, Planned
from pocketbert.environment import TRAINING
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.augment import augment_stage, texts_for_student
from pocketbert.stages.ground import Ground
from pocketbert.stages.plan import choice_line, intermediate_options
from pocketbert.stages.scores import scores, trivial_score
from pocketbert.stages.student import student_inputs, write_start
from pocketbert.stages.teach import Taught, seconds_left, show_scores, training_inputs
from pocketbert.tasks import Example, fingerprint

START = ("pocketbert.distill.student", "pocketbert.stages.student")
BASELINE = (*START, "pocketbert.distill.finetune", "pocketbert.distill.find", "pocketbert.stages.scores")
INTERMEDIATE = (*START, "pocketbert.distill.intermediate")
PREDICTION = (
    *START,
    "pocketbert.distill.prediction",
    "pocketbert.distill.find",
    "pocketbert.stages.scores",
    "pocketbert.distill.card",
)
CHOICE = (*INTERMEDIATE, *PREDICTION, "pocketbert.distill.choose")

Inner = tuple[Planned, IntermediateOptions]
"""The intermediate stage as it is planned, and as the recipe wants it."""


def baseline_stage(recipe: Recipe, run: RunFolder, ground: Ground, taught: Taught, plan: Plan) -> StageResult | None:
    """Runs the stage `baseline`: the same student fine-tuned on gold labels, from layers that no fine-tuned teacher has touched.

    Where the teacher was taken as it is, its layers are the only ones there are, and the baseline begins with them.
    """
    planned = plan.stages.get("baseline")
    if planned is None:
        return None
    untaught = source_of(ground.model) if recipe.teacher.fine_tune else taught.stage.folder / "model"

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.distill.find import train_with_search
        from pocketbert.distill.finetune import finetune

        train, dev = taught.splits.train.examples, taught.splits.dev.examples
        start = write_start(recipe, untaught, taught.task, taught.max_length, train, checkpoints / "start")

        began = time.monotonic()

        def run_once(options: Settled, model: Path, folder: Path, words: str) -> dict[str, Any]:
            then = seconds_left(plan, "baseline", words, began)
            return finetune(start, train, dev, model, options, folder, f"baseline{words}", then)

        report = train_with_search(
            run_once,
            planned.options,
            planned.search,
            planned.fall_back,
            planned.steps,
            taught.task.metric,
            len(dev),
            trivial_score(taught.task, taught.splits),
            out / "model",
            checkpoints,
        )
        return {"report": report, **scores(out / "model", taught.task, taught.splits)}

    inputs = student_inputs(recipe) | {"teacher": taught.stage.hash, "training": training_inputs(planned)}
    stage = run.stage("baseline", inputs, BASELINE, TRAINING, work)
    show_scores(run, "baseline (no distillation)", stage, taught.task)
    return stage


@dataclass(frozen=True)
class Distilled:
    """The finished stages; the first three are None where no more texts were wanted, nothing was to be chosen, or dev or the
    recipe left the intermediate stage out."""

    augmented: StageResult | None
    choice: StageResult | None
    intermediate: StageResult | None
    student: StageResult


def distill_stage(recipe: Recipe, run: RunFolder, taught: Taught, plan: Plan) -> Distilled:
    """Runs the stages `augment`, `choice`, `intermediate` and `student`, as far as the recipe and dev want them.

    Raises:
        UserError: teacher and student do not fit, or from the data.
    """
    augmented = augment_stage(recipe, run, taught)
    lesson = _Lesson(recipe, taught, plan, augmented, texts_for_student(taught, augmented))
    planned, inner, choice = lesson.planned, lesson.inner, None
    if planned.search is not None or plan.compare:
        choice = _choice_stage(run, lesson)
        planned = replace(planned, options=replace(planned.options, learning_rate=choice.result["learning_rate"]), search=None)
        inner = None if choice.result["intermediate"] is False else inner
    aligned = None if inner is None else _intermediate_stage(run, lesson, inner)
    return Distilled(augmented, choice, aligned, _student_stage(run, lesson, planned, aligned))


@dataclass(frozen=True)
class _Lesson:
    """What the three stages share.

    Args:
        recipe, taught, plan: of the build.
        augmented: the stage that made more texts, if there is one.
        examples: the texts that the student learns from, labelled or not.
        began: when they did, by `time.monotonic`.
    """

    recipe: Recipe
    taught: Taught
    plan: Plan
    augmented: StageResult | None
    examples: list[Example]
    began: float = field(default_factory=time.monotonic)

    @property
    def teacher(self) -> Path:
        return self.taught.stage.folder / "model"

    @property
    def planned(self) -> Planned:
        return self.plan.stages["student"]

    @property
    def inner(self) -> Inner | None:
        """The intermediate stage, where there may be one."""
        planned, options = self.plan.stages.get("intermediate"), intermediate_options(self.recipe)
        return None if planned is None or options is None else (planned, options)

    def start(self, checkpoints: Path) -> Path:
        """The untrained student's folder."""
        taught = self.taught
        train = taught.splits.train.examples
        return write_start(self.recipe, self.teacher, taught.task, taught.max_length, train, checkpoints / "start")

    def align(self, inner: Inner, start: Path, share: float, out: Path, checkpoints: Path, words: str) -> dict[str, Any]:
        """The intermediate stage, for a share of its steps."""
        from pocketbert.distill.intermediate import intermediate

        planned, wanted = inner
        training = planned.options.settled("intermediate")
        options = replace(wanted, training=replace(training, epochs=training.epochs * share))
        then = seconds_left(self.plan, "intermediate", words, self.began)
        return intermediate(self.teacher, start, self.examples, out, options, checkpoints, f"intermediate{words}", then)

    def predict(
        self, start: Path, options: Settled, out: Path, checkpoints: Path, words: str, cache: Path
    ) -> dict[str, Any]:
        """The prediction stage; the teacher's logits are kept in `cache`."""
        from pocketbert.distill.prediction import prediction

        wanted, dev = replace(self.recipe.prediction, training=options), self.taught.splits.dev.examples
        then = seconds_left(self.plan, "student", words, self.began)
        return prediction(
            self.teacher, start, self.examples, dev, out, wanted, checkpoints, f"student{words}", then, cache
        )

    def inputs(self) -> dict[str, Any]:
        return student_inputs(self.recipe) | {"teacher": self.taught.stage.hash, "texts": fingerprint(self.examples)}

    def intermediate_inputs(self) -> dict[str, Any] | None:
        if self.inner is None:
            return None
        planned, options = self.inner
        return _without_training(options) | {"training": training_inputs(planned)}

    def prediction_inputs(self, planned: Planned) -> dict[str, Any]:
        return _without_training(self.recipe.prediction) | {"training": training_inputs(planned)}


def _choice_stage(run: RunFolder, lesson: _Lesson) -> StageResult:
    planned, inner, task, splits = lesson.planned, lesson.inner, lesson.taught.task, lesson.taught.splits

    def work(_: Path, checkpoints: Path) -> dict[str, Any]:
        start = lesson.start(checkpoints)
        return choose(
            Question(planned.options, planned.search, planned.steps, lesson.plan.compare),
            start,
            partial(lesson.predict, cache=checkpoints / "teacher"),
            None if inner is None else partial(lesson.align, inner, start),
            task.metric,
            len(splits.dev.examples),
            trivial_score(task, splits),
            checkpoints,
        )

    inputs = lesson.inputs() | {"prediction": lesson.prediction_inputs(planned), "compare": lesson.plan.compare}
    inputs |= {"intermediate": lesson.intermediate_inputs()}
    stage = run.stage("choice", inputs, CHOICE, TRAINING, work)
    for entry in stage.result["choices"]:
        run.say(f"  student: {choice_line(entry)}")
    return stage


def _intermediate_stage(run: RunFolder, lesson: _Lesson, inner: Inner) -> StageResult:
    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        return lesson.align(inner, lesson.start(checkpoints), 1.0, out / "model", checkpoints, "")

    inputs = lesson.inputs() | {"intermediate": lesson.intermediate_inputs()}
    return run.stage("intermediate", inputs, INTERMEDIATE, TRAINING, work)


def _student_stage(run: RunFolder, lesson: _Lesson, planned: Planned, aligned: StageResult | None) -> StageResult:
    """`planned`: the stage `student`, its rate chosen."""
    recipe, taught = lesson.recipe, lesson.taught

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        import numpy as np

        from pocketbert.distill.card import write_card
        from pocketbert.distill.find import train_once
        from pocketbert.distill.scoring import evaluate

        start = lesson.start(checkpoints)
        np.save(out / "start_dev_outputs.npy", evaluate(start, taught.splits.dev.examples))
        begin = start if aligned is None else aligned.folder / "model"
        predict = partial(lesson.predict, begin, cache=checkpoints)
        report = train_once(predict, planned.options.settled("student"), out / "model", checkpoints)
        found = scores(out / "model", taught.task, taught.splits)
        write_card(out / "model", _card(lesson, aligned, report, found))
        return {"report": report, **found}

    inputs = lesson.inputs() | {"prediction": lesson.prediction_inputs(planned), "licence": recipe.data.licence}
    inputs |= {"card": [recipe.name, recipe.teacher.shown]}
    inputs |= {"intermediate": None if aligned is None else aligned.hash}
    stage = run.stage("student", inputs, PREDICTION, TRAINING, work)
    show_scores(run, "student", stage, taught.task)
    return stage


def _without_training(options: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(options).items() if name != "training"}


def _card(lesson: _Lesson, aligned: StageResult | None, report: dict[str, Any], found: dict[str, Any]):
    from pocketbert.distill.card import Card, licence_of_data
    from pocketbert.tasks.model_folder import licence_of_model

    recipe, taught = lesson.recipe, lesson.taught
    model = locate(recipe.teacher.model)
    metrics = {f"student on {split}": figures for split, figures in found["metrics"].items()}
    metrics |= {f"teacher on {split}": figures for split, figures in taught.stage.result["metrics"].items()}
    steps = [f"teacher: {recipe.teacher.shown}, {'fine-tuned' if recipe.teacher.fine_tune else 'taken as it is'}"]
    if lesson.augmented is not None:
        more = lesson.augmented.result
        steps += [f"augmentation, {name}: {made['kept']:,} texts without labels" for name, made in more.items()]
    if aligned is not None:
        steps.append(f"intermediate distillation, {aligned.result['steps']:,} steps")
    steps.append(f"prediction distillation, {report['steps']:,} steps")
    return Card(
        name=recipe.name,
        task=taught.task,
        max_length=taught.max_length,
        teacher=recipe.teacher.shown,
        teacher_licence=licence_of_model(model),
        data=taught.splits.train.name,
        data_licence=recipe.data.licence or licence_of_data(taught.splits.train.path),
        steps=tuple(steps),
        metrics=metrics,
    )
