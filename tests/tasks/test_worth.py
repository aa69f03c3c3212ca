"""Whether a model is worth shipping: the judgements against cases made by hand, their errors against other ways to get them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from pocketbert.tasks import UNKNOWN, Classification, Regression
from pocketbert.tasks.advice import Hints, for_distillation, for_student, for_teacher
from pocketbert.tasks.worth import (
    commonest_label,
    difference,
    failed,
    judge_start,
    judge_student,
    judge_teacher,
    resolution,
)

TASK = Classification(("a", "b"))
ROWS = 100
TARGETS = np.array([0] * 60 + [1] * 40)
TRIVIAL = np.eye(2, dtype=np.float32)[[0] * ROWS]  # right on 60


def outputs(wrong: range | list[int]) -> np.ndarray:
    """A model that is wrong on exactly these of the 100 rows: float32 (rows, 2)."""
    said = TARGETS.copy()
    said[list(wrong)] = 1 - said[list(wrong)]
    return np.eye(2, dtype=np.float32)[said]


def student(wrong, teacher=(), baseline=None, words=range(30), **more) -> dict[str, object]:
    """Name of a finding -> the finding."""
    least = {"teacher_share": 0.95, "hints": Hints()} | more
    others = [None if rows is None else outputs(rows) for rows in (baseline, words)]
    found = judge_student(TASK, TARGETS, outputs(wrong), outputs(teacher), *others, TRIVIAL, **least)
    return {finding.name: finding for finding in found}


def levels(found) -> list[str]:
    return [finding.level for finding in found.values()]


def test_the_commonest_label_is_trains_not_devs():
    # train has more b: always saying it is right on 40 of 100 rows of dev; one row with an unknown label is wrong besides
    assert commonest_label(TASK, np.array([1, 1, 0]), TARGETS)["accuracy"] == 0.4
    assert commonest_label(TASK, np.array([0, 0, 1]), np.array([0, UNKNOWN]))["accuracy"] == 0.5
    task = Regression(low=0, high=1)
    assert commonest_label(task, np.array([0.0, 1.0]), np.array([0.1, 0.9, 0.4]))["spearman"] == 0.0


def test_the_paired_error_of_accuracy_is_mcnemars():
    # the first alone is right on 8 rows, the second alone on 3: variance of the difference = ((8+3)/n - (5/n)^2) / (n-1)
    ahead, error = difference(TASK, outputs(range(3)), outputs(range(3, 11)), TARGETS)
    assert ahead == pytest.approx(0.05)
    assert error == pytest.approx(math.sqrt((11 / ROWS - 0.05**2) / (ROWS - 1)))
    assert difference(TASK, outputs([1]), outputs([1]), TARGETS) == (0.0, 0.0)
    assert difference(TASK, outputs([1])[:1], outputs([])[:1], TARGETS[:1])[1] == math.inf  # one row says nothing


def test_the_paired_error_of_a_correlation_agrees_with_the_jackknife():
    # Another way to the same error: leave out each row in turn; scipy's spearmanr, whose ranks are not ours.
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(5)
    targets = rng.normal(size=150)
    first, second = (np.float32(targets[:, None] + spread * rng.normal(size=(150, 1))) for spread in (0.4, 0.8))
    task = Regression(low=-4, high=4)
    ahead, error = difference(task, first, second, targets)

    def rho(values, kept):
        return stats.spearmanr(values[kept, 0], targets[kept]).statistic

    left_out = [np.delete(np.arange(150), i) for i in range(150)]
    gaps = np.array([rho(first, kept) - rho(second, kept) for kept in left_out])
    jackknife = math.sqrt(149 / 150 * np.sum((gaps - gaps.mean()) ** 2))
    everything = np.arange(150)
    assert ahead == pytest.approx(rho(first, everything) - rho(second, everything), abs=1e-6)
    assert error == pytest.approx(jackknife, rel=0.2)
    assert difference(task, first, second, targets) == (ahead, error)  # the same rows are drawn each time


def test_what_dev_can_tell_apart():
    # two standard errors of two models that differ in the answer to a tenth of the rows: 2 sqrt(0.1/160) = 5 points
    assert resolution(160) == pytest.approx(0.05)
    disputed = difference(TASK, outputs(range(5)), outputs(range(5, 10)), TARGETS)[1]  # 10 of 100 rows
    assert 2 * disputed == pytest.approx(resolution(100), rel=0.01)


def test_a_good_student_passes_everything():
    found = student(range(4), teacher=range(2), baseline=range(10))
    assert list(found) == [
        "student against the commonest label",
        "student against a bag of words",
        "student against its baseline",
        "share of the teacher",
    ]
    assert levels(found) == ["ok"] * 4 and all(finding.fix == "" for finding in found.values())
    share = found["share of the teacher"].detail
    assert share == "keeps 98.0% of the teacher's accuracy on dev (0.9600 of 0.9800); 95% is the least"


def test_a_student_must_know_more_than_the_commonest_label():
    assert student(range(40))["student against the commonest label"].level == "failed"  # 0.60, as the know-nothing
    # 40 rows gained and 39 lost, a point, where the standard error is sqrt(79 / 100 / 99): nine
    close = student(range(39), words=range(50))["student against the commonest label"]
    assert close.level == "failed" and close.detail.endswith("has 0.6000, which is within noise")
    assert student(range(20), words=range(50))["student against the commonest label"].level == "ok"  # twenty points, of 7.5


@pytest.mark.parametrize(
    ("wrong", "words", "level"),
    [
        (range(9), range(10), "ok"),
        (range(10), range(10), "warning"),  # not better: the same answers
        (range(10), range(9), "warning"),  # one row behind is one standard error
        (range(10), range(8), "failed"),  # two rows are more than sqrt(2)
        (range(0, 20), range(20, 36), "warning"),  # 4 behind, but they dispute 36 rows: error 6.0
    ],
)
def test_a_bag_of_words_must_be_beaten_and_a_near_miss_warns(wrong, words, level):
    found = student(wrong, words=words)["student against a bag of words"]
    assert found.level == level and bool(found.fix) == (level != "ok")


@pytest.mark.parametrize(
    ("wrong", "baseline", "level", "says"),
    [
        (range(5), range(6), "ok", "within noise"),
        (range(10), range(10), "ok", "+0.0 points, within noise"),
        (range(10), range(9), "ok", "-1.0 points, within noise (standard error 1.0)"),
        (range(10), range(8), "failed", "-2.0 points"),
        (range(5), range(15), "ok", "+10.0 points"),
    ],
)
def test_a_student_is_not_below_its_baseline(wrong, baseline, level, says):
    found = student(wrong, baseline=baseline)["student against its baseline"]
    assert found.level == level and says in found.detail
    assert ("noise" in found.detail) == ("noise" in says)


def test_the_share_of_the_teacher_is_the_recipes():
    assert student(range(6), teacher=range(2))["share of the teacher"].level == "ok"  # 94 of 98 is 95.9 %
    assert student(range(7), teacher=range(2))["share of the teacher"].level == "failed"  # 93 of 98 is 94.9 %
    assert student(range(7), teacher=range(2), teacher_share=0.9)["share of the teacher"].level == "ok"


def test_a_teacher_of_nothing_has_no_share():
    task, targets = Regression(low=0, high=1), np.linspace(0, 1, 20)
    right, turned = np.float32(targets[:, None]), np.float32(-targets[:, None])
    found = judge_student(task, targets, right, turned, None, None, np.full((20, 1), 0.5), 0.95, Hints())
    assert [finding.level for finding in found] == ["ok", "failed"] and "there is nothing to keep" in found[1].detail
    assert "always saying the mean value" in found[0].detail


def test_a_teacher_is_judged_before_anything_is_distilled_from_it():
    def judged(wrong, words):
        return [f.level for f in judge_teacher(TASK, TARGETS, outputs(wrong), outputs(words), TRIVIAL, Hints())]

    assert judged(range(5), range(10)) == ["ok", "ok"]
    assert judged(range(40), range(10)) == ["failed", "failed"]
    assert judged(range(39), range(50)) == ["warning", "ok"]
    assert judged(range(10), range(9)) == ["ok", "warning"]


def test_findings_are_plain_json():
    found = student(range(40), baseline=range(10))
    assert failed(found.values()) and json.loads(json.dumps([asdict(finding) for finding in found.values()]))


def test_the_student_at_step_0():
    teacher = outputs([])
    assert judge_start(TASK, outputs(range(50)), outputs(range(5)), teacher).level == "ok"
    assert "0.5000 untrained, 0.9500 at the end" in judge_start(TASK, outputs(range(50)), outputs(range(5)), teacher).detail
    worse = judge_start(TASK, outputs(range(5)), outputs(range(50)), teacher)
    assert worse.level == "warning" and "prediction.training" in worse.fix
    assert judge_start(TASK, teacher, teacher, teacher).level == "ok"


def report(best: int, steps: int = 100, epochs: float = 6.0, rate: float = 1e-4, stopped: bool = False, among=()) -> dict:
    choices = [{"option": "learning_rate", "value": rate, "why": "", "among": among}] if among else []
    return {
        "steps": steps,
        "best": {"step": best, "metric": 0.8},
        "stopped": stopped,
        "options": {"epochs": epochs, "learning_rate": rate},
        "choices": choices,
    }


TRIED = [[2e-4, 0.7], [1e-4, 0.75], [5e-5, 0.8]]
SAME = [[rate, 0.7] for rate, _ in TRIED]
UPWARDS = [[2e-4, 0.8], [1e-4, 0.75], [5e-5, None]]
LOW, HIGH = ({"teacher": report(50, rate=rate, among=tried)} for rate, tried in ((5e-5, TRIED), (2e-4, UPWARDS)))
BY_RULE = {"teacher": report(50, rate=5e-5, among=[[2e-4, 0.7], [1e-4, 0.7], [5e-5, 0.65]])}


@pytest.mark.parametrize(
    ("hints", "says"),
    [
        ({"reports": {"teacher": report(100)}}, "still rising at the last of 6 epochs: teacher.training.epochs: 12"),
        ({"reports": {"teacher": report(100)}, "budget": 30, "cut": True}, "when the budget ended the training: budget: 60"),
        ({"reports": LOW}, "the lowest was the best: teacher.training.learning_rate: 2.5e-05"),
        ({"reports": BY_RULE}, "teacher.training.learning_rate: 1.25e-05 (it was 5e-05)"),
        ({"reports": HIGH}, "the highest was the best: teacher.training.learning_rate: 0.0004"),
        (
            {"reports": {"teacher": report(50, rate=5e-5, among=SAME)}, "budget": 30, "cut": True},
            "the rates 5e-05, 0.0001, 0.0002 came to the same score, so that it is not the rate: more labelled rows, or another "
            "teacher.model; or budget: 60",
        ),
        ({"reports": {"teacher": report(50)}}, "teacher.training.learning_rate: 2.5e-05 (it was 0.0001)"),
        ({"reports": {"teacher": report(95, stopped=True)}}, "teacher.training.learning_rate: 2.5e-05"),
        ({"reports": {"teacher": {"dev": {}, "warnings": []}}}, "teacher.fine_tune: true"),
    ],
)
def test_what_a_teacher_needs(hints, says):
    assert says in for_teacher(Hints(**hints))


def test_what_a_student_needs():
    tried = Hints(reports={"student": report(100, epochs=8)}, student_layers=3, teacher_layers=6)
    assert for_student(tried) == (
        "the dev metric was still rising at the last of 8 epochs: prediction.training.epochs: 16; or "
        "student.layers: 4 (it has 3, the teacher 6); or augment.recombine: 3"
    )
    assert for_student(Hints(student_layers=6, teacher_layers=6, recombine=3)) == "augment.recombine: 6"
    narrow = Hints(student_layers=6, teacher_layers=6, student_neurons=384, teacher_neurons=1536, recombine=3)
    assert for_student(narrow) == "student.feed_forward: 768 (it has 384, the teacher 1536); or augment.recombine: 6"
    assert "budget: 20" in for_student(Hints(budget=10, cut=True))
    assert "hard_label_weight: 0" in for_student(Hints(gold=0.5))
    cut = Hints(reports={"student": report(100)}, budget=10, cut=True)
    assert for_student(cut).count("budget: 20") == 1
    depths = {"student_layers": 2, "teacher_layers": 6, "recombine": 60}  # 60 new texts per text are enough
    assert for_student(Hints(**depths, form="teacher_layers")) == "student.layers: 3 in place of student.teacher_layers"
    assert for_student(Hints(**depths, form="random")).startswith("student.layers: 3, which begins with layers of the teacher")
    assert "intermediate: null" in for_distillation(Hints(reports={"intermediate": {"steps": 10}}))
    assert "method: finetune" in for_distillation(Hints())


def test_where_the_teacher_is_behind_too_that_is_said_first():
    hints = Hints(reports={"teacher": report(100)})
    found = student(range(20), teacher=range(18), baseline=range(10), words=range(10), hints=hints)
    for name in ("student against a bag of words", "student against its baseline"):
        assert found[name].level == "failed" and found[name].fix.startswith("its teacher is behind too, so begin there: ")
        assert "teacher.training.epochs: 12" in found[name].fix
    found = student(range(20), teacher=range(9), baseline=range(10), words=range(10), hints=hints)
    assert not any("its teacher" in finding.fix for finding in found.values())
