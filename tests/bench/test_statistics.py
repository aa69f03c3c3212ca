"""Percentiles by hand, the stop rule at its edges, and what counts as noise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pocketbert.bench.measure import Limits, Samples, in_turns, lengths_in_turns
from pocketbert.bench.statistics import enough, noise_of, phase_of


def test_percentiles_are_interpolated_between_the_nearest_ranks():
    # 1..11 by hand: rank of p is p/100 * 10, so p50 = 6, p90 = 10, p95 = 10.5, p99 = 10.9; variance of 1..11 is 11 (n - 1)
    phase = phase_of([float(i) for i in (11, 3, 5, 1, 9, 7, 2, 4, 6, 8, 10)])
    assert (phase.p50, phase.p90, phase.p95) == (6, 10, 10.5)
    assert phase.p99 == pytest.approx(10.9)
    assert (phase.runs, phase.mean, phase.min, phase.max) == (11, 6, 1, 11)
    assert phase.std == pytest.approx(11**0.5)
    assert phase.samples[:3] == (11, 3, 5)


def test_one_sample_has_no_spread():
    phase = phase_of([0.25], [9])
    assert (phase.p50, phase.p99, phase.std, phase.tokens) == (0.25, 0.25, 0.0, (9,))


def test_noise_compares_a_text_only_with_itself():
    # each text is constant, the two differ tenfold: no noise
    assert noise_of([1, 10] * 5, [0, 1] * 5) == 0
    # quartiles of 1, 2, 3, 4, 5 are 2 and 4, the median 3; one run of another text adds nothing
    assert noise_of([1, 2, 3, 4, 5, 99], [0, 0, 0, 0, 0, 1]) == pytest.approx(2 / 3)
    assert noise_of([1, 2, 3], [0, 0, 0]) is None


@pytest.mark.parametrize(
    ("runs", "seconds", "whole", "stop"),
    [
        (50, 2.0, True, True),
        (49, 9.0, True, False),  # runs are missing
        (900, 1.9, True, False),  # seconds are missing
        (50, 2.0, False, False),  # in the middle of a pass
        (3, 60.0, False, True),  # the longest time is up
    ],
)
def test_measuring_stops_at_both_minima_or_at_the_longest_time(runs, seconds, whole, stop):
    assert enough(runs, seconds, 50, 2.0, 60.0, whole) is stop


TICK = 2.0**-10  # seconds a step takes; sums of it are exact


@pytest.fixture
def step_of(monkeypatch) -> Callable[[list[tuple[str, int]], str], Callable[[int], dict[str, float]]]:
    """(log, name) -> a model; the clock moves only while one runs."""
    now = [0.0]
    monkeypatch.setattr("pocketbert.bench.measure.perf_counter", lambda: now[0])

    def step_of(log: list[tuple[str, int]], name: str):
        def step(text: int) -> dict[str, float]:
            log.append((name, text))
            now[0] += TICK
            return {"forward": float(text + 1)}

        return step

    return step_of


def test_every_text_counts_the_same_and_all_models_see_one_order(step_of):
    log: list[tuple[str, int]] = []
    shares: list[float] = []
    steps = {name: step_of(log, name) for name in "ab"}
    found = in_turns(steps, 7, Limits(min_runs=15, min_seconds=0.0, max_seconds=60.0, warmup=2), shares.append)
    for samples in found.values():
        assert len(samples.texts) == 21  # 15 runs, and on to the end of the third pass
        assert sorted(samples.texts) == sorted([*range(7)] * 3)
        assert samples.phases["forward"] == [text + 1 for text in samples.texts]
        assert samples.minima_met
    assert found["a"].texts == found["b"].texts and found["a"].texts[:7] != [*range(7)]
    assert [name for name, _ in log[:28]] == ["a"] * 14 + ["b"] * 14  # two passes each to warm up
    assert shares[-1] == 1


def test_the_longest_time_cuts_a_run_short_and_says_so(step_of):
    found = in_turns({"a": step_of([], "a")}, 100, Limits(min_runs=10**9, min_seconds=0.0, max_seconds=10 * TICK, warmup=0))
    assert not found["a"].minima_met and len(found["a"].texts) == 10


def test_models_take_turns_within_a_measurement(step_of):
    log: list[tuple[str, int]] = []
    in_turns({name: step_of(log, name) for name in "abc"}, 3, Limits(3, 0.6, 60.0, 0))
    turns = [name for i, (name, _) in enumerate(log) if i == 0 or log[i - 1][0] != name]
    assert "".join(turns) == "abc" + "bca" + "cab"  # three turns fill 0.6 s; nobody always follows the same neighbour


def test_the_latency_table_leaves_out_lengths_that_a_model_does_not_take():
    def short(length: int) -> dict[str, float]:
        return {"forward": length / 100} if length <= 16 else {}

    found = lengths_in_turns({"short": short, "all": lambda n: {"forward": 1.0}}, [8, 16, 32], runs=10)
    assert {n: len(times) for n, times in found["short"].items()} == {8: 10, 16: 10}
    assert {n: len(times) for n, times in found["all"].items()} == {8: 10, 16: 10, 32: 10}
    assert lengths_in_turns({"all": lambda n: {"forward": 1.0}}, [8], runs=0) == {"all": {}}


def test_samples_keep_every_phase_beside_its_text():
    samples = Samples()
    samples.add(3, {"tokenize": 0.1, "forward": 0.5}, 0.001)
    samples.add(1, {"tokenize": 0.2, "forward": 0.4}, 0.002)
    assert (samples.texts, samples.phases) == ([3, 1], {"tokenize": [0.1, 0.2], "forward": [0.5, 0.4]})
    assert samples.seconds == pytest.approx(0.003)
