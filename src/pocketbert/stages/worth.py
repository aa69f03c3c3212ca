"""Whether teacher and student are worth what they cost, from the outputs that their stages kept."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pocketbert.distill.plan import Plan
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.augment import operations_of
from pocketbert.stages.distill import Distilled
from pocketbert.stages.scores import trivial_outputs
from pocketbert.stages.teach import Taught
from pocketbert.tables import finding_line
from pocketbert.tasks import targets_of
from pocketbert.tasks.advice import Hints
from pocketbert.tasks.errors import NotWorth
from pocketbert.tasks.worth import Finding, failed, judge_start, judge_student, judge_teacher


def judge_the_teacher(recipe: Recipe, run: RunFolder, taught: Taught, words: StageResult, plan: Plan) -> list[Finding]:
    """Held against the commonest label and the bag of words, before anything is distilled from it."""
    findings = judge_teacher(
        taught.task,
        targets_of(taught.splits.dev.examples),
        _dev_outputs(taught.stage),
        _dev_outputs(words),
        trivial_outputs(taught.task, taught.splits),
        _hints(recipe, taught, plan, {"teacher": taught.stage}),
    )
    _show(run, findings, goes_on=nothing_to_distil(findings) is None)
    return findings


def nothing_to_distil(findings: list[Finding]) -> NotWorth | None:
    """The error that ends the work where, by `judge_the_teacher`, the teacher is no better than always saying one label."""
    nothing = findings[0]  # the one against the commonest label
    if nothing.level != "failed":
        return None
    return NotWorth(f"the teacher has learnt nothing that could be distilled: {nothing.detail}. To try: {nothing.fix}.")


def judge_the_student(
    recipe: Recipe,
    run: RunFolder,
    taught: Taught,
    words: StageResult,
    baseline: StageResult | None,
    distilled: Distilled,
    plan: Plan,
) -> list[Finding]:
    """Held against the commonest label, the bag of words, its baseline and its teacher."""
    stages = {"teacher": taught.stage, "student": distilled.student}
    stages |= {} if baseline is None else {"baseline": baseline}
    stages |= {} if distilled.intermediate is None else {"intermediate": distilled.intermediate}
    findings = judge_student(
        taught.task,
        targets_of(taught.splits.dev.examples),
        _dev_outputs(distilled.student),
        _dev_outputs(taught.stage),
        None if baseline is None else _dev_outputs(baseline),
        _dev_outputs(words),
        trivial_outputs(taught.task, taught.splits),
        recipe.worth.teacher_share,
        _hints(recipe, taught, plan, stages, distilled.choice),
    )
    start = np.load(distilled.student.folder / "start_dev_outputs.npy")
    outputs = _dev_outputs(distilled.student), _dev_outputs(taught.stage)
    findings.append(judge_start(taught.task, start, *outputs))
    _show(run, findings, goes_on=True)
    return findings


def show_in_card(distilled: Distilled, findings: list[Finding]) -> None:
    """Writes the findings into the student's model card: on every run, since a skipped stage does not write its card anew."""
    from pocketbert.distill.card import add_checks

    add_checks(distilled.student.folder / "model", findings)


def _show(run: RunFolder, findings: list[Finding], goes_on: bool) -> None:
    for finding in findings:
        run.say(finding_line(finding))
    if goes_on and failed(findings):
        run.say("  [red]the build goes on, so that you can look at what came out[/]")


def _hints(
    recipe: Recipe, taught: Taught, plan: Plan, stages: dict[str, StageResult], choice: StageResult | None = None
) -> Hints:
    reports = {name: stage.result.get("report", stage.result) for name, stage in stages.items()}
    if choice is not None:
        reports["student"] = reports["student"] | {"choices": choice.result["choices"]}
    texts = len(taught.splits.train.examples) + len(taught.splits.unlabelled)
    copies = {name: options.copies for name, (_, options) in operations_of(recipe, texts).items()}
    learnt, known = stages["student"].result["shape"] if "student" in stages else {}, taught.stage.result["shape"]
    return Hints(
        reports=reports,
        student_layers=learnt.get("num_hidden_layers") or 0,
        teacher_layers=known.get("num_hidden_layers") or 0,
        form=_form(recipe),
        student_neurons=learnt.get("feed_forward") or 0,
        teacher_neurons=known.get("feed_forward") or 0,
        recombine=copies.get("recombine", 0),
        gold=recipe.prediction.hard_label_weight,
        budget=plan.budget_seconds / 60,
        cut=plan.scale < 1,
    )


def _form(recipe: Recipe) -> Literal["layers", "teacher_layers", "random"]:
    if recipe.student.preset or recipe.student.shape:
        return "random"
    return "layers" if recipe.student.teacher_layers is None else "teacher_layers"


def _dev_outputs(stage: StageResult) -> np.ndarray:
    """float32 (rows, outputs), in the order of the dev rows."""
    return np.load(stage.folder / "dev_outputs.npy")
