"""Kotlin's percentiles, kept samples and verdicts are those of bench/statistics.py and bench/verdict.py, for the same numbers."""

from __future__ import annotations

import random
from itertools import product

import pytest

from pocketbert.bench.record import Environment
from pocketbert.bench.statistics import phase_of
from pocketbert.bench.verdict import verdict

# Ties, which two ways of rounding part at: exact ones (0.125) and those that only look so (0.285 is a little less)
TIES = (0.285, 0.625, 0.875, 1.005, 2.675)
FAILURES = ("a", "b", "c", "d")


def _answers(kotlin, lines: list[list]) -> list[list[str]]:
    given = "".join("\t".join("" if field is None else str(field) for field in line) + "\n" for line in lines)
    return [
        line.split("\t") for line in kotlin.java("text", "dev.pocketbert.bench.BenchAnswersKt", input=given).stdout.splitlines()
    ]


def test_phases_have_the_same_percentiles_and_samples(kotlin):
    rng = random.Random(0)
    phases = [[rng.lognormvariate(1, 2) for _ in range(size)] for size in (1, 2, 3, 4, 10, 51, 997)]
    phases += [[rng.randrange(200_000) / 32 / 10_000 for _ in range(size)] for size in (50, 500)]  # ties in the fifth decimal
    phases.append([1e12 + 0.00005, 3e15, 0.00005, 0.00015, 0.00025])
    for samples, found in zip(phases, _answers(kotlin, [["phase", *samples] for samples in phases]), strict=True):
        mean, std, *exact = (float(field) for field in found)
        expected = phase_of(samples)
        figures = (expected.min, expected.p50, expected.p90, expected.p95, expected.p99, expected.max)
        assert tuple(exact) == figures + expected.samples  # bit for bit
        # sums: numpy adds in pairs, Kotlin in a row
        assert mean == pytest.approx(expected.mean, rel=1e-12) and std == pytest.approx(expected.std, rel=1e-9)


def test_verdicts_are_the_same_word_for_word(kotlin):
    cases = [(busy, None, None, None, None, None, True, True, (1.0,)) for busy in (0.0, 0.25, 0.255, *TIES)]
    cases += [(None, load, "performance", None, None, None, True, True, (1.0,)) for load in (0.5, 0.505, *TIES)]
    cases += [(None, None, None, None, None, noise, True, True, (1.0,)) for noise in (0.1, 0.105, 0.115, 0.125, 0.285, 0.625)]
    clocks = (None, 0, 0.5, 1500.5, 2399.5, 2400.0, 2500.5)
    cases += [(None, None, None, before, after, None, True, True, (1.0,)) for before, after in product(clocks, clocks)]
    cases += [(None, None, name, None, None, None, True, True, (1.0,)) for name in ("ondemand, performance", "schedutil", "")]
    cases += [
        (0.9, 9.0, "powersave", 2000, 1000, 0.5, False, False, (1.0, -1.0)),
        (0.0, 9.0, None, None, None, 0.1, False, True, (1.0,)),
    ]
    said = set()
    for case, (status, *reasons) in zip(cases, _answers(kotlin, [["verdict", *c[:-1], *c[-1]] for c in cases]), strict=True):
        busy, load, governor, before, after, noise, golden, met, samples = case
        machine = Environment(
            busy_elsewhere=busy, load_before=load, governor=governor, frequency_before=before, frequency_after=after
        )
        expected = verdict(machine, {"forward": phase_of(list(samples))}, golden, FAILURES, noise, met)
        assert (status, tuple(reasons)) == (expected.verdict, expected.reasons), case
        said |= {reason.split()[0] for reason in reasons}
    assert len(said) >= 5  # busy, load, governor, clock, noise, minima, golden, samples
