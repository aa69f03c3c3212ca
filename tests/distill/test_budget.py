"""A plan keeps to its budget, and says what it left out."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest

from pocketbert.distill.auto import Sizes
from pocketbert.distill.budget import LEAST_STEPS, fit, fit_by_default
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.pace import Step
from pocketbert.distill.plan import Work
from pocketbert.tasks import UserError

TEACHER = Sizes(384, 6, 9000, 77, 14.0)
STUDENT = replace(TEACHER, layers=3)
WORKS = [
    Work("teacher", "teacher", TrainOptions(), TEACHER, 0.04, 0.16 / 32, text_seconds=0.002, dev_rows=500),
    Work("baseline", "baseline", TrainOptions(), STUDENT, 0.02, 0.08 / 32, 0.001, 500),
    Work("intermediate", "intermediate", TrainOptions(), STUDENT, 0.02, 0.14 / 32, 0.0, 0),
    Work("student", "prediction", TrainOptions(), STUDENT, 0.02, 0.08 / 32, 0.001, 500, start_seconds=18.0),
]


def plan(minutes: float, works=WORKS, compare: bool = True):
    return fit(works, minutes * 60, finish_seconds=120.0, seed=0, may_compare=compare)


def test_a_generous_budget_leaves_nothing_out():
    found = plan(120)
    assert found.said == "" and found.compare > 0 and list(found.stages) == ["teacher", "baseline", "intermediate", "student"]
    assert found.stages["teacher"].search.rounds == (1 / 8, 1 / 4)
    # by hand: 282 steps an epoch, 6 epochs; three rates for an eighth, two for a quarter; 12 scores of 500 texts, with each run
    steps = 6 * 282
    expected = (1 + 3 / 8 + 2 / 4) * (steps * 0.2 + 12 * 500 * 0.002)
    assert found.stages["teacher"].steps == steps and found.stages["teacher"].seconds == pytest.approx(expected)


def test_every_run_pays_for_its_models_texts_and_weights_and_every_score_for_the_weights_that_it_keeps():
    extra = [replace(work, run_seconds=7.0, score_seconds=0.5) for work in WORKS]
    stages, before = plan(120, extra).stages, plan(120).stages
    # by hand: the rate's search is three runs and two, then the whole one; 12 scores in each whole run, fewer in a trial
    for name in ("teacher", "baseline"):
        added = stages[name].seconds - before[name].seconds
        assert added == pytest.approx((1 + 3 + 2) * 7.0 + (1 + 3 / 8 + 2 / 4) * 12 * 0.5)
        assert stages[name].whole_seconds - before[name].whole_seconds == pytest.approx(7.0 + 12 * 0.5)
    assert stages["intermediate"].seconds - before["intermediate"].seconds == pytest.approx(7.0)
    # the comparison: the intermediate stage once, the predictions twice
    assert plan(120, extra).compare_seconds - plan(120).compare_seconds == pytest.approx(3 * 7.0)


@pytest.mark.parametrize(("batch", "steps"), [(16, 1200), (64, 300)])
def test_a_step_costs_its_texts_and_once_the_update_of_all_weights(batch, steps):
    # by hand: two passes over 9,600 texts at 0.0025 s; 0.02 s for each step; and 12 scores of 500 texts
    options = TrainOptions(batch_size=batch, epochs=2, learning_rate=1e-4)
    given = [replace(WORKS[1], options=options, sizes=replace(STUDENT, rows=9600))]
    seconds = 2 * 9600 * 0.0025 + steps * 0.02 + 12 * 500 * 0.001
    assert plan(600, given).stages["baseline"].seconds == pytest.approx(seconds)


def test_the_time_of_a_step_is_a_line_through_two_batches():
    # by hand: 0.02 s and 0.0025 s a text
    assert astuple(Step.through(16, 0.06, 32, 0.1)) == pytest.approx((0.02, 0.0025))
    # a small batch that took longer than the large one, less than half of it, and a batch that has no half
    assert astuple(Step.through(16, 0.2, 32, 0.1)) == (0.1, 0.0)
    assert astuple(Step.through(16, 0.04, 32, 0.1)) == (0.0, 0.1 / 32)
    assert astuple(Step.through(1, 0.3, 1, 0.3)) == (0.0, 0.3)


def test_short_runs_are_counted_as_long_as_they_take():
    # by hand: 47 steps an epoch of 1,500 rows; an eighth and a quarter of 94 steps are fewer than the 40 that a trial takes
    short = [replace(WORKS[0], options=TrainOptions(epochs=2), sizes=replace(TEACHER, rows=1500, outputs=2))]
    found = plan(120, short).stages["teacher"]
    assert found.steps == 94 and found.search.cost(94) == pytest.approx(3 * 40 / 94 + 2 * 40 / 94)


@pytest.mark.parametrize("minutes", [30, 20, 12, 8, 5, 4])
def test_no_plan_takes_longer_than_its_budget(minutes):
    found = plan(minutes)
    assert found.seconds <= minutes * 60 and all(stage.steps >= LEAST_STEPS for stage in found.stages.values())
    assert found.said  # 47 minutes suit this data


def test_only_what_the_recipe_leaves_open_can_be_left_out():
    assert "no rate is searched" in plan(5).said and "intermediate stage is not tried" in plan(5).said
    named = plan(5, compare=False)
    assert "no rate is searched" in named.said and "intermediate" not in named.said
    given = [replace(work, options=TrainOptions(learning_rate=1e-4)) for work in WORKS]
    assert "rate" not in plan(5, given).said and "intermediate stage is not tried" in plan(5, given).said


def test_a_smaller_budget_gives_up_the_comparison_before_it_starves_training():
    assert "intermediate" not in plan(12).stages and plan(12).compare == 0
    assert plan(5).stages["teacher"].fall_back == (2e-4, 1e-4, 5e-5) and plan(5).stages["baseline"].fall_back == ()
    assert plan(120).stages["baseline"].fall_back == plan(120).stages["baseline"].search.arms
    assert plan(5).stages["teacher"].search is None and plan(5).stages["teacher"].options.learning_rate == 2e-4


def test_a_budget_too_small_for_anything_names_one_that_would_do():
    # by hand: 20 steps of the teacher, which has the fewest, and the same share of the others' 2,256, 27 each: 9.4 s; 3 scores
    # of 500 texts each: 6 s; 18 s of teacher logits, 120 s of files: 153.4 s
    with pytest.raises(UserError, match=r"budget of 1 min is too small: .* need 2\.6 min .*give budget: 8 or more"):
        plan(1)
    assert plan(2.6).seconds <= 2.6 * 60


@pytest.mark.parametrize(("slower", "minutes"), [(1, 30), (2, 30), (6, 60), (16, 120), (100, 120)])
def test_a_budget_that_nobody_gave_is_longer_on_a_slower_machine(slower, minutes):
    works = [
        replace(
            work,
            update_seconds=slower * work.update_seconds,
            step_text_seconds=slower * work.step_text_seconds,
            text_seconds=slower * work.text_seconds,
        )
        for work in WORKS
    ]
    found = fit_by_default(works, finish_seconds=120.0, seed=0, may_compare=True)
    assert found.budget_seconds == 60 * minutes and found.seconds <= found.budget_seconds
    assert (found.said.startswith("30 minutes are too few for this data here")) == (minutes > 30)
    assert found.scale >= 1 / 3 or minutes == 120
    assert minutes == 30 or plan(minutes / 2, works).scale < 1 / 3


def test_where_even_the_longest_default_budget_is_too_small_it_is_named():
    slow = [replace(work, update_seconds=600.0) for work in WORKS]
    with pytest.raises(UserError, match="a budget of 120 min is too small"):
        fit_by_default(slow, finish_seconds=120.0, seed=0, may_compare=True)


def test_what_the_user_gives_is_never_shortened():
    fixed = [replace(WORKS[0], options=TrainOptions(epochs=6, learning_rate=1e-4)), *WORKS[1:]]
    found = plan(12, fixed)
    assert found.stages["teacher"].options.epochs == 6
    assert found.stages["teacher"].search is None and found.stages["teacher"].fall_back == ()
    assert found.stages["student"].steps < 8 * 282
    with pytest.raises(UserError, match="too small"):
        plan(6, fixed)  # the teacher alone takes 5.8 minutes, the files 2


def test_a_given_stage_is_not_dropped():
    found = plan(8, compare=False)
    assert "intermediate" in found.stages and found.compare_seconds == 0


def test_without_dev_rows_no_rate_is_searched():
    blind = [replace(work, dev_rows=0) for work in WORKS]
    assert all(stage.search is None for stage in plan(120, blind).stages.values())


def test_what_is_left_of_the_whole_falls_to_the_finish():
    found = plan(120)
    stages = found.stages
    assert found.after("teacher") + stages["teacher"].seconds == pytest.approx(found.seconds)
    assert found.after("student") == 120.0  # the files
    # once dev has chosen, neither its trials nor the comparison are still to come
    assert found.after("intermediate") == pytest.approx(stages["student"].whole_seconds + 120.0)


def test_behind_a_trial_the_others_and_the_stage_itself_are_still_to_come():
    found = plan(120)
    stages = found.stages
    for name in ("teacher", "baseline"):
        trials, whole = stages[name].seconds - stages[name].whole_seconds, stages[name].whole_seconds
        # five of them, of which the bar knows the one that runs
        assert found.after_trial(name, 0.0) == pytest.approx(4 / 5 * trials + whole + found.after(name))
        assert found.after_trial(name, 1e6) == pytest.approx(whole + found.after(name))
    both = stages["intermediate"].whole_seconds + stages["student"].whole_seconds
    trials = stages["intermediate"].seconds + stages["student"].seconds - both + found.compare_seconds
    # of the rates five, and three of the comparison
    for name in ("intermediate", "student"):
        assert found.after_trial(name, 0.0) == pytest.approx(7 / 8 * trials + both + 120.0)
