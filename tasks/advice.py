"""What to try when a model is not good enough: a recipe's key and a value, from what the trainings reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# where a recipe has the training options of a stage
SECTIONS = {
    "teacher": "teacher.training",
    "baseline": "baseline",
    "intermediate": "intermediate.training",
    "student": "prediction.training",
}
# The best dev score of a run that has learnt all it can lies somewhere before its last scores; in the last tenth it was rising.
LAST = 0.9
MANY_TEXTS = 50  # new texts per text: where so many were not enough, twice as many are not either


@dataclass(frozen=True)
class Hints:
    """What is known of a build; what is missing only makes the advice less specific.

    Args:
        reports: stage -> the report of its training: "steps", "best" {"step", "metric"}, "stopped", "options" {"epochs",
            "learning_rate"} and "choices" (a stage that was not trained has none).
        student_layers, teacher_layers: how deep both are; 0 where it is not known.
        form: what the recipe says of the student: how many "layers" are copied, or which ("teacher_layers"), or nothing copied
            and so "random" weights.
        student_neurons, teacher_neurons: feed-forward neurons in each of their layers; 0 where it is not known.
        recombine: the recipe's augment.recombine.
        gold: the recipe's prediction.hard_label_weight; above 0 every text needs a label.
        budget: minutes that the plan was fitted to.
        cut: whether that shortened the trainings.
    """

    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    student_layers: int = 0
    teacher_layers: int = 0
    form: Literal["layers", "teacher_layers", "random"] = "layers"
    student_neurons: int = 0
    teacher_neurons: int = 0
    recombine: int = 0
    gold: float = 0.0
    budget: float = 0.0
    cut: bool = False


def for_teacher(hints: Hints) -> str:
    """For a teacher that knows too little."""
    report = hints.reports.get("teacher") or {}
    if "options" not in report:
        return "teacher.fine_tune: true, so that it learns this data; or a teacher.model that was fine-tuned on it"
    rate, tried = report["options"]["learning_rate"], _tried(report)
    if len(tried) > 1 and not _told_apart(tried):
        shown = ", ".join(f"{other:g}" for other in sorted(tried))
        reason = f"the rates {shown} came to the same score, so that it is not the rate"
        return _listed([f"{reason}: more labelled rows, or another teacher.model", _budget(hints)])
    lower = f"{SECTIONS['teacher']}.learning_rate: {rate / 4:g} (it was {rate:g})"
    return _listed([_training(hints, "teacher") or lower, _budget(hints)])


def for_student(hints: Hints) -> str:
    """For a student that is behind its teacher."""
    return _listed([_training(hints, "student"), _shape(hints), _texts(hints), _budget(hints)])


def for_distillation(hints: Hints) -> str:
    """For a student that would have been better without its teacher."""
    stages = "intermediate: null, which leaves that stage out" if hints.reports.get("intermediate") else None
    return _listed([_training(hints, "student"), stages, _texts(hints), "method: finetune, which is the baseline"])


def _training(hints: Hints, stage: str) -> str | None:
    report, section = hints.reports.get(stage) or {}, SECTIONS[stage]
    if "options" not in report:
        return None
    options, best = report["options"], report.get("best")
    if best and best["step"] >= LAST * report["steps"] and not report.get("stopped"):
        if hints.cut:
            return f"the dev metric was still rising when the budget ended the training: budget: {2 * hints.budget:g}"
        epochs = options["epochs"]
        return f"the dev metric was still rising at the last of {epochs:g} epochs: {section}.epochs: {2 * epochs:g}"
    tried, rate = _tried(report), options["learning_rate"]
    # where no trial had learnt anything, a rate was not taken for its score
    if _told_apart(tried) and rate in (min(tried), max(tried)) and tried[rate] == max(tried.values()):
        lowest = rate == min(tried)
        further = rate / 2 if lowest else rate * 2
        return f"of the rates tried the {'lowest' if lowest else 'highest'} was the best: {section}.learning_rate: {further:g}"
    return None


def _tried(report: Mapping[str, Any]) -> dict[float, float]:
    """Learning rate -> dev score of the last trial, where rates were searched; without those that diverged."""
    choices = [choice for choice in report.get("choices", ()) if choice["option"] == "learning_rate"]
    return {rate: score for choice in choices for rate, score in choice["among"] if score is not None}


def _told_apart(tried: Mapping[float, float]) -> bool:
    return len(set(tried.values())) > 1


def _shape(hints: Hints) -> str | None:
    """More of the teacher: its layers first, then the neurons of each."""
    if hints.form == "random":
        return f"student.layers: {max(1, hints.teacher_layers // 2)}, which begins with layers of the teacher, not at random"
    if hints.form == "teacher_layers" and hints.student_layers < hints.teacher_layers:
        return f"student.layers: {hints.student_layers + 1} in place of student.teacher_layers"
    if hints.student_layers < hints.teacher_layers:
        return f"student.layers: {hints.student_layers + 1} (it has {hints.student_layers}, the teacher {hints.teacher_layers})"
    if hints.student_neurons < hints.teacher_neurons:
        more = min(2 * hints.student_neurons, hints.teacher_neurons)
        return f"student.feed_forward: {more} (it has {hints.student_neurons}, the teacher {hints.teacher_neurons})"
    return None


def _texts(hints: Hints) -> str | None:
    """More texts for the teacher to label."""
    if hints.gold:
        return "prediction.hard_label_weight: 0, and then augment.recombine: 3"
    return f"augment.recombine: {2 * hints.recombine or 3}" if hints.recombine < MANY_TEXTS else None


def _budget(hints: Hints) -> str | None:
    return f"budget: {2 * hints.budget:g}" if hints.cut else None


def _listed(ways: list[str | None]) -> str:
    """At most three; the budget is not named twice."""
    known: list[str] = []
    for way in ways:
        if way and not any(way in other for other in known):
            known.append(way)
    return "; or ".join(known[:3])
