"""Successive halving, its notes, and what it makes of arms that learn nothing."""

from __future__ import annotations

import pytest

from pocketbert.distill.choose import BOTH, PREDICTIONS, Question, choose
from pocketbert.distill.find import train_with_search
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.search import Diverged, Search, search

THREE = Search((2e-4, 1e-4, 5e-5), (1 / 8, 1 / 4))
SETTLED = {
    "batch_size": 8,
    "warmup": 0.1,
    "patience": 0,
    "schedule": "linear",
    "freeze_embeddings": False,
    "keep": "best",
    "seed": 0,
}


class Killed(Exception):
    pass


def run(folder, scores, wanted=THREE, trivial=0.5, rows=1000):
    asked = []

    def trial(arm, share):
        asked.append((arm, share))
        return scores[arm, share] if (arm, share) in scores else scores[arm]

    return search(wanted, trial, rows, trivial, folder), asked


def test_the_worse_half_is_dropped_after_each_round(tmp_path):
    found, asked = run(tmp_path, {2e-4: 0.70, 1e-4: 0.72, 5e-5: 0.60, (2e-4, 1 / 4): 0.80, (1e-4, 1 / 4): 0.77})
    assert asked == [(2e-4, 1 / 8), (1e-4, 1 / 8), (5e-5, 1 / 8), (1e-4, 1 / 4), (2e-4, 1 / 4)]
    assert found.ranking == (2e-4, 1e-4, 5e-5) and found.best == 0.80
    assert dict(found.among) == {2e-4: 0.80, 1e-4: 0.77, 5e-5: 0.60}


def test_an_arm_that_is_ahead_by_more_than_chance_ends_the_search(tmp_path):
    found, asked = run(tmp_path, {2e-4: 0.90, 1e-4: 0.70, 5e-5: 0.60})
    assert len(asked) == 3 and found.ranking == (2e-4, 1e-4, 5e-5)


def test_while_all_arms_know_nothing_none_is_dropped(tmp_path):
    found, asked = run(tmp_path, {2e-4: 0.5, 1e-4: 0.5, 5e-5: 0.5, (5e-5, 1 / 4): 0.62})
    assert len(asked) == 6 and found.ranking[0] == 5e-5


def test_arms_that_know_nothing_to_the_end_are_ranked_from_the_lowest(tmp_path):
    unordered = Search((1e-4, 5e-5, 2e-4), (1 / 8, 1 / 4))
    found, _ = run(tmp_path, {2e-4: 0.5, 1e-4: 0.5, 5e-5: 0.5}, unordered)
    assert found.ranking == (5e-5, 1e-4, 2e-4) and found.why.startswith("no run of the last round was better on dev")
    assert run(tmp_path / "other", {2e-4: 0.7, 1e-4: 0.5, 5e-5: 0.5})[0].why == "best of a short search on dev"


def test_a_dropped_arm_does_not_come_back_when_the_others_fail_later(tmp_path):
    found, _ = run(tmp_path, {2e-4: 0.60, 1e-4: 0.61, 5e-5: 0.55, (2e-4, 1 / 4): 0.5, (1e-4, 1 / 4): 0.5})
    assert sorted(found.ranking) == [5e-5, 1e-4, 2e-4] and len(found.ranking) == 3
    assert found.why.startswith("no run of the last round")  # one of the first was


def test_a_killed_search_repeats_nothing_and_finds_the_same(tmp_path):
    scores = {2e-4: 0.70, 1e-4: 0.72, 5e-5: 0.60}

    def killed(arm, share):
        if (arm, share) == (1e-4, 1 / 4):
            raise Killed
        return scores[arm]

    with pytest.raises(Killed):
        search(THREE, killed, 1000, 0.5, tmp_path / "killed")
    resumed, asked = run(tmp_path / "killed", scores)
    whole, _ = run(tmp_path / "whole", scores)
    assert asked == [(1e-4, 1 / 4), (2e-4, 1 / 4)] and resumed == whole


def test_notes_that_a_kill_cut_are_made_again(tmp_path):
    (tmp_path / "trials.json").write_text('{"[0.0002, 0.1')
    assert len(run(tmp_path, {2e-4: 0.9, 1e-4: 0.7, 5e-5: 0.6})[1]) == 3


@pytest.mark.parametrize(
    ("wanted", "cost"), [(THREE, 3 / 8 + 2 / 4), (Search((1, 2, 3), (1 / 8,)), 3 / 8), (Search((1,), ()), 0)]
)
def test_what_a_search_costs(wanted, cost):
    assert wanted.cost(1000) == cost  # a run so long that no trial is lengthened


def fake_training(tmp_path, whole_scores, log):
    """Writes a model folder and gives the score that the test says; trials promise 0.8 for every rate."""

    def train(options, out, checkpoints, words):
        log.append((options.learning_rate, round(options.epochs, 3), words))
        out.mkdir(parents=True)
        (out / "weights").write_text(str(options.learning_rate))
        score = whole_scores[options.learning_rate] if options.epochs == 8 else 0.8
        return {"dev": {"accuracy": score}, "steps": 1}

    return train


def test_a_rate_that_fails_in_the_whole_run_is_followed_by_the_next_lower(tmp_path):
    log = []
    train = fake_training(tmp_path, {2e-4: 0.6, 1e-4: 0.85}, log)
    options = TrainOptions(epochs=8, **SETTLED)
    report = train_with_search(train, options, THREE, THREE.arms, 800, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")
    assert report["dev"]["accuracy"] == 0.85 and (tmp_path / "out" / "weights").read_text() == "0.0001"
    assert [entry[:2] for entry in log[-2:]] == [(2e-4, 8), (1e-4, 8)]
    (choice,) = report["choices"]
    assert choice["value"] == 1e-4 and "less than its trial promised" in choice["why"]
    # run again after a kill behind the training: nothing is trained twice
    again = train_with_search(train, options, THREE, THREE.arms, 800, "accuracy", 1000, 0.5, tmp_path / "out2", tmp_path / "work")
    assert again == report and len(log) == 7


def test_a_rate_that_diverges_in_its_trial_loses_and_the_search_goes_on(tmp_path):
    log = []
    fine = fake_training(tmp_path, {5e-5: 0.85, 1e-4: 0.85}, log)

    def train(options, out, checkpoints, words):
        if "trying rate 0.0002" in words:
            raise Diverged("the loss is nan at step 20")
        return fine(options, out, checkpoints, words)

    options = TrainOptions(epochs=8, **SETTLED)
    report = train_with_search(train, options, THREE, THREE.arms, 800, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")
    (choice,) = report["choices"]
    assert choice["value"] == 1e-4 and [2e-4, None] in [list(pair) for pair in choice["among"]]


@pytest.mark.parametrize("first", [0.5, None])  # no more than the commonest label has; or it diverges
def test_a_rate_that_nobody_searched_and_that_teaches_nothing_is_followed_by_the_next_lower(tmp_path, first):
    log = []
    fine = fake_training(tmp_path, {1e-4: first, 5e-5: 0.85}, log)

    def train(options, out, checkpoints, words):
        if first is None and not words:
            raise Diverged("the loss is nan at step 20")
        return fine(options, out, checkpoints, words)

    options = TrainOptions(epochs=8, **SETTLED | {"learning_rate": 1e-4})
    report = train_with_search(train, options, None, THREE.arms, 800, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")
    (choice,) = report["choices"]
    assert choice["value"] == 5e-5 and not choice["among"]
    assert ("diverged" if first is None else "learnt nothing") in choice["why"]


def test_a_run_that_taught_little_stays_where_the_one_after_it_diverges(tmp_path):
    fine = fake_training(tmp_path, {1e-4: 0.5}, [])

    def train(options, out, checkpoints, words):
        if "again" in words:
            raise Diverged("the loss is nan at step 20")
        return fine(options, out, checkpoints, words)

    options = TrainOptions(epochs=8, **SETTLED | {"learning_rate": 1e-4})
    report = train_with_search(train, options, None, THREE.arms, 800, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")
    assert report["dev"]["accuracy"] == 0.5 and (tmp_path / "out" / "weights").read_text() == "0.0001"


def test_a_rate_that_diverges_and_that_nothing_can_follow_ends_the_stage(tmp_path):
    def train(options, out, checkpoints, words):
        raise Diverged("the loss is nan at step 20")

    options = TrainOptions(epochs=8, **SETTLED | {"learning_rate": 1e-4})
    with pytest.raises(Diverged, match="nan"):
        train_with_search(train, options, None, (), 800, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")


def test_a_run_without_a_search_is_not_repeated_after_a_kill_behind_it(tmp_path):
    log = []
    train = fake_training(tmp_path, {2e-4: 0.85}, log)
    options = TrainOptions(epochs=8, **SETTLED | {"learning_rate": 2e-4})
    reports = [
        train_with_search(train, options, None, (), 800, "accuracy", 1000, 0.5, tmp_path / out, tmp_path / "work")
        for out in ("killed", "again")
    ]
    assert reports[0] == reports[1] and len(log) == 1 and (tmp_path / "again" / "weights").read_text() == "0.0002"


def test_a_trial_is_never_shorter_than_what_can_rank_rates(tmp_path):
    log = []
    train = fake_training(tmp_path, {2e-4: 0.85}, log)
    options = TrainOptions(epochs=8, **SETTLED)
    train_with_search(train, options, THREE, (), 80, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")
    assert {epochs for _, epochs, _ in log} == {4.0, 8.0}  # 40 of 80 steps


def test_the_shorter_a_trial_the_higher_its_rate_and_the_whole_run_has_the_rate_itself(tmp_path):
    log, wanted, options = [], Search(THREE.arms, (1 / 8, 1 / 27)), TrainOptions(epochs=8, **SETTLED)
    train = fake_training(tmp_path, {2e-4: 0.85}, log)
    train_with_search(train, options, wanted, (), 8000, "accuracy", 1000, 0.5, tmp_path / "out", tmp_path / "work")
    assert [rate for rate, _, _ in log] == pytest.approx([4e-4, 2e-4, 1e-4, 6e-4, 3e-4, 2e-4])


@pytest.mark.parametrize(("both", "winner"), [(0.9, BOTH), (0.801, PREDICTIONS), (0.7, PREDICTIONS)])
def test_the_intermediate_stage_is_taken_where_dev_says_so_and_not_within_noise(tmp_path, both, winner):
    def predict(start, options, out, checkpoints, words):
        out.mkdir(parents=True)
        return {"dev": {"accuracy": both if start.name == "aligned" else 0.8}}

    def align(share, out, checkpoints, words):
        out.mkdir(parents=True)
        (out / "config.json").write_text("{}")

    question = Question(TrainOptions(epochs=8, learning_rate=3e-4, **SETTLED), None, 800, 1 / 4)
    found = choose(question, tmp_path / "start", predict, align, "accuracy", 1000, 0.5, tmp_path / "work")
    assert found["intermediate"] is (winner == BOTH) and found["choices"][0]["value"] == winner
    assert dict(found["choices"][0]["among"]) == {PREDICTIONS: 0.8, BOTH: both}
