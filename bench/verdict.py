"""Whether to believe a measurement, and why not."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pocketbert.bench.record import Environment, Phase, Validity

# The system's own work is a few hundredths of a core; from a quarter on, shared caches and clocks move a median visibly.
BUSY = 0.25
LOAD = 0.5  # where only the load average tells: it still holds the minute before
NOISE = 0.10  # runs of one text apart by more than this: two files 10 % apart could not be told apart
FREQUENCY = 0.05  # a larger drop between before and after is throttling, not a governor's step
STEADY_GOVERNORS = {"performance"}


def verdict(
    environment: Environment,
    times: Mapping[str, Phase],
    golden: bool | None,
    golden_failures: tuple[str, ...],
    noise: float | None,
    minima_met: bool,
) -> Validity:
    """invalid: the outputs or the numbers are wrong. warn: the machine was not quiet, or the run was cut short.

    Args:
        environment: before and after.
        times: the phases, among them `forward`.
        golden: whether the golden check held; None where there is none.
        golden_failures: its lines.
        noise: statistics.noise_of, None if unknown.
        minima_met: both minima of the plan were reached.
    """
    wrong, doubtful = [], []
    if golden is False:
        wrong.append("the golden check failed: " + "; ".join(golden_failures[:3]))
    if any(not math.isfinite(value) or value < 0 for phase in times.values() for value in phase.samples):
        wrong.append("a sample is negative or no number: the clock is broken")
    if not minima_met:
        doubtful.append("stopped at the longest time before the minima were reached")
    if noise is not None and noise > NOISE:
        doubtful.append(f"runs of the same text spread by {noise:.0%} (quartiles); at most {NOISE:.0%} is quiet")
    doubtful += _machine(environment)
    return Validity("invalid" if wrong else "warn" if doubtful else "valid", (*wrong, *doubtful))


def _machine(environment: Environment) -> list[str]:
    found = []
    others, load = environment.busy_elsewhere, environment.load_before
    if others is not None and others > BUSY:
        found.append(f"other processes kept {others:.2f} cores busy during the run; at most {BUSY} is quiet")
    elif others is None and load is not None and load > LOAD:
        found.append(f"the load average was {load:.2f} before the run; at most {LOAD} is quiet")
    governors = set((environment.governor or "performance").split(", "))
    if not governors <= STEADY_GOVERNORS:
        found.append(f'the CPU frequency governor is "{environment.governor}", which changes the clock; "performance" holds it')
    before, after = environment.frequency_before, environment.frequency_after
    if before and after and after < before * (1 - FREQUENCY):
        found.append(f"the CPU slowed down from {before:.0f} to {after:.0f} MHz during the run")
    return found
