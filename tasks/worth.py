"""Whether a model is worth what it costs: judged by its outputs on the dev rows, against what needs no training to say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pocketbert.tasks import Task
from pocketbert.tasks.advice import Hints, for_distillation, for_student, for_teacher

Level = Literal["ok", "warning", "failed"]

TEACHER_SHARE = 0.95
DRAWS = 200  # a standard error of 200 draws is itself known to 5 % of its value (1 / sqrt(2 * 200))
# Two models of one data set answer about so many rows differently, one of them rightly.
DISPUTED = 0.1


@dataclass(frozen=True)
class Finding:
    """One check of data, recipe or model.

    Args:
        name: of the check.
        level: "ok", "warning" (the build goes on) or "failed".
        detail: what was seen, with its figures.
        fix: what to do, by name and value; empty where nothing is to be done.
    """

    name: str
    level: Level
    detail: str
    fix: str = ""


def failed(findings: Iterable[Finding]) -> list[Finding]:
    """Those that must not pass."""
    return [finding for finding in findings if finding.level == "failed"]


def commonest_label(task: Task, train_targets: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Metrics on (rows,) `targets` of a model that always says the training data's commonest label, or its mean value."""
    return task.metrics(task.trivial(train_targets, len(targets)), targets)


def difference(task: Task, first: np.ndarray, second: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """(metric of `first` less that of `second`, its standard error), both measured on the same rows.

    Rows that both get right or both get wrong say nothing of which is better, so the error is that of the paired difference
    and smaller than that of either metric. Where the metric is a mean over rows it is that of the rows' differences; where it
    is not, the standard deviation over rows drawn with replacement, always the same ones.

    Args:
        task: its metric is compared.
        first, second: outputs, each (rows, outputs).
        targets: (rows,).
    """
    metric, rows = task.metric, len(targets)
    found = task.metrics(first, targets)[metric] - task.metrics(second, targets)[metric]
    if rows < 2:
        return found, math.inf
    scores = task.row_scores(first, targets), task.row_scores(second, targets)
    if scores[0] is not None and scores[1] is not None:
        return found, float(np.std(scores[0] - scores[1], ddof=1) / math.sqrt(rows))
    rng, draws = np.random.default_rng(0), []
    for _ in range(DRAWS):
        drawn = rng.integers(0, rows, rows)
        values = (task.metrics(outputs[drawn], targets[drawn])[metric] for outputs in (first, second))
        draws.append(next(values) - next(values))
    return found, float(np.std(draws, ddof=1))


def resolution(rows: int) -> float:
    """The difference of a metric (0.01 is a point) below which two models on so many rows cannot be told apart.

    Two standard errors of the paired difference of models that disagree about a tenth of the rows: 2 sqrt(0.1 / rows). It is
    a rule of thumb for before there are models; `difference` measures it.
    """
    return 2 * math.sqrt(DISPUTED / rows)


def judge_teacher(
    task: Task,
    dev_targets: np.ndarray,
    teacher_outputs: np.ndarray,
    words_outputs: np.ndarray | None,
    trivial_outputs: np.ndarray,
    hints: Hints,
) -> list[Finding]:
    """What a teacher must be before anything is distilled from it.

    Args:
        task: of the data.
        dev_targets: (rows,).
        teacher_outputs, words_outputs: of the teacher and of a bag of words, each (rows, outputs); None leaves that out.
        trivial_outputs: of a model that has learnt nothing but how often each label occurs (`Task.trivial`), (rows, outputs).
        hints: for what to try.
    """
    fix = for_teacher(hints)
    findings = [_above_nothing("teacher", task, dev_targets, teacher_outputs, trivial_outputs, fix, "warning")]
    if words_outputs is not None:
        findings.append(_above_words("teacher", task, dev_targets, teacher_outputs, words_outputs, fix))
    return findings


def judge_student(
    task: Task,
    dev_targets: np.ndarray,
    student_outputs: np.ndarray,
    teacher_outputs: np.ndarray,
    baseline_outputs: np.ndarray | None,
    words_outputs: np.ndarray | None,
    trivial_outputs: np.ndarray,
    teacher_share: float = TEACHER_SHARE,
    hints: Hints | None = None,
) -> list[Finding]:
    """What a student must be to be worth shipping.

    Args:
        task: of the data.
        dev_targets: (rows,).
        student_outputs, teacher_outputs, baseline_outputs, words_outputs: of the student, its teacher, the same student
            fine-tuned without a teacher, and a bag of words, each (rows, outputs); None leaves that comparison out.
        trivial_outputs: of a model that has learnt nothing but how often each label occurs (`Task.trivial`), (rows, outputs).
        teacher_share: least share of the teacher's metric.
        hints: for what to try.
    """
    hints = hints or Hints()
    fix = for_student(hints)
    findings = [_above_nothing("student", task, dev_targets, student_outputs, trivial_outputs, fix, "failed")]

    def unless_taught_badly(other: np.ndarray, otherwise: str) -> str:
        """A student cannot pass what its teacher does not."""
        ahead, error = difference(task, other, teacher_outputs, dev_targets)
        return f"its teacher is behind too, so begin there: {for_teacher(hints)}" if ahead > error else otherwise

    if words_outputs is not None:
        first = unless_taught_badly(words_outputs, fix)
        findings.append(_above_words("student", task, dev_targets, student_outputs, words_outputs, first))
    if baseline_outputs is not None:
        first = unless_taught_badly(baseline_outputs, for_distillation(hints))
        findings.append(_not_below_baseline(task, dev_targets, student_outputs, baseline_outputs, first))
    findings.append(_share_of_teacher(task, dev_targets, student_outputs, teacher_outputs, teacher_share, fix))
    return findings


def judge_start(task: Task, start_outputs: np.ndarray, student_outputs: np.ndarray, teacher_outputs: np.ndarray) -> Finding:
    """How far the student came: its agreement with the teacher before its first step and after its last.

    Args:
        task: says what agreement is.
        start_outputs, student_outputs, teacher_outputs: of the untrained and of the finished student and of the teacher, on
            the same rows, each (rows, outputs).
    """
    name = "student against teacher at step 0"
    before, after = (task.agreement(outputs, teacher_outputs) for outputs in (start_outputs, student_outputs))
    detail = f"agreement with the teacher on dev: {before:.4f} untrained, {after:.4f} at the end"
    if after > before or after == 1:
        return Finding(name, "ok", detail)
    fix = "prediction.training.learning_rate: auto, or a lower one than was given; prediction.training.keep: best"
    return Finding(name, "warning", f"{detail}: training took it no nearer", fix)


def _above_nothing(
    who: str, task: Task, targets: np.ndarray, outputs: np.ndarray, trivial: np.ndarray, fix: str, close: Level
) -> Finding:
    """`close`: what a lead within noise is."""
    name = f"{who} against the commonest label"
    value, nothing = (task.metrics(found, targets)[task.metric] for found in (outputs, trivial))
    detail = f"{task.metric} {value:.4f} on dev; {task.knows_nothing} has {nothing:.4f}"
    ahead, error = difference(task, outputs, trivial, targets)
    if ahead > error:
        return Finding(name, "ok", detail)
    return Finding(name, close, f"{detail}, which is within noise", fix) if ahead > 0 else Finding(name, "failed", detail, fix)


def _above_words(who: str, task: Task, targets: np.ndarray, outputs: np.ndarray, words: np.ndarray, fix: str) -> Finding:
    name = f"{who} against a bag of words"
    ahead, error = difference(task, outputs, words, targets)
    detail = _compared(task, targets, outputs, words, "a bag of words", ahead, error)
    if ahead > 0:
        return Finding(name, "ok", detail)
    return Finding(name, "warning" if _within(ahead, error) else "failed", detail, fix)


def _not_below_baseline(task: Task, targets: np.ndarray, outputs: np.ndarray, baseline: np.ndarray, fix: str) -> Finding:
    name = "student against its baseline"
    ahead, error = difference(task, outputs, baseline, targets)
    detail = _compared(task, targets, outputs, baseline, "the same student without a teacher", ahead, error)
    return Finding(name, "ok", detail) if ahead > 0 or _within(ahead, error) else Finding(name, "failed", detail, fix)


def _share_of_teacher(
    task: Task, targets: np.ndarray, outputs: np.ndarray, teacher: np.ndarray, least: float, fix: str
) -> Finding:
    name = "share of the teacher"
    value, wanted = (task.metrics(found, targets)[task.metric] for found in (outputs, teacher))
    if wanted <= 0:
        return Finding(name, "failed", f"the teacher's {task.metric} on dev is {wanted:.4f}: there is nothing to keep", fix)
    share = value / wanted
    detail = f"keeps {share:.1%} of the teacher's {task.metric} on dev ({value:.4f} of {wanted:.4f}); {least:.0%} is the least"
    return Finding(name, "ok", detail) if share >= least else Finding(name, "failed", detail, fix)


def _within(ahead: float, error: float) -> bool:
    """Whether a deficit is no larger than its standard error; one row is exactly as large."""
    return ahead >= -error * (1 + 1e-9)


def _compared(
    task: Task, targets: np.ndarray, outputs: np.ndarray, other: np.ndarray, what: str, ahead: float, error: float
) -> str:
    value, against = (task.metrics(found, targets)[task.metric] for found in (outputs, other))
    noise = f", within noise (standard error {100 * error:.1f})" if abs(ahead) <= error * (1 + 1e-9) else ""
    points = f"{100 * ahead:+.1f} points{noise}"
    return f"{task.metric} {value:.4f} on dev, {what} {against:.4f}: {points}"
