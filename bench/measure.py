"""Several models measured in turns, in one process: what slows the machine down for a while slows them all.

A turn is a quarter of a second of one model and not a single text, so that a model is not charged for reading its weights
back into the caches that the model before it used; the first text of a turn is not timed for the same reason.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeVar

from pocketbert.bench.statistics import enough

TURN_SECONDS = 0.25
LENGTH_SECONDS = 1.0  # a model of 180 ms a text need not run 30 times for one row of the latency table
LENGTH_LEAST = 5

Given = TypeVar("Given")
Step = Callable[[int], dict[str, float]]  # number of the text -> phase -> ms; "forward" is one of them


@dataclass(frozen=True)
class Limits:
    """Of a Plan, what the stop rule needs."""

    min_runs: int
    min_seconds: float
    max_seconds: float
    warmup: int


@dataclass
class Samples:
    """Of one model, as they come in.

    Args:
        phases: phase -> ms, one a timed text.
        texts: number of the text of each.
        seconds: spent on them, from text to label.
        minima_met: both minima were reached.
    """

    phases: dict[str, list[float]] = field(default_factory=dict)
    texts: list[int] = field(default_factory=list)
    seconds: float = 0.0
    minima_met: bool = False

    def add(self, text: int, times: dict[str, float], seconds: float) -> None:
        self.texts.append(text)
        self.seconds += seconds
        for phase, ms in times.items():
            self.phases.setdefault(phase, []).append(ms)


def in_turns(
    steps: Mapping[str, Step], texts: int, limits: Limits, progress: Callable[[float], None] = lambda share: None
) -> dict[str, Samples]:
    """Runs every model over the texts, in one shuffled order that is the same for all, until each has enough.

    Args:
        steps: name -> the model.
        texts: how many there are.
        limits: when to stop.
        progress: called with 0..1.
    """
    order = random.Random(0).sample(range(texts), texts)
    for step in steps.values():
        for _ in range(limits.warmup):
            for text in order:
                step(text)
    found = {name: Samples() for name in steps}
    running = list(steps)
    while running:
        for name in list(running):
            if _turn(steps[name], found[name], order, limits):
                running.remove(name)
        progress(sum(_share(samples, limits) for samples in found.values()) / len(found))
        running = running[1:] + running[:1]  # nobody always follows the same neighbour
    return found


def _turn(step: Step, samples: Samples, order: list[int], limits: Limits) -> bool:
    """One turn; whether the model has enough now."""
    step(order[len(samples.texts) % len(order)])
    end = samples.seconds + TURN_SECONDS
    while samples.seconds < end:
        text = order[len(samples.texts) % len(order)]
        begin = perf_counter()
        times = step(text)
        samples.add(text, times, perf_counter() - begin)
        runs, seconds = len(samples.texts), samples.seconds
        whole = runs % len(order) == 0
        if enough(runs, seconds, limits.min_runs, limits.min_seconds, limits.max_seconds, whole):
            samples.minima_met = runs >= limits.min_runs and seconds >= limits.min_seconds
            return True
    return False


def _share(samples: Samples, limits: Limits) -> float:
    runs, seconds = len(samples.texts) / limits.min_runs, samples.seconds / max(limits.min_seconds, 1e-9)
    return max(min(1.0, runs, seconds), samples.seconds / limits.max_seconds if limits.max_seconds else 1.0)


def lengths_in_turns(steps: Mapping[str, Step], lengths: list[int], runs: int) -> dict[str, dict[int, list[float]]]:
    """name -> length -> forward times in ms, the models in three turns a length.

    Args:
        steps: name -> the model, here called with a length; one that does not take it gives {}.
        lengths: in tokens.
        runs: timed a length; fewer where they would take more than LENGTH_SECONDS.
    """
    found: dict[str, dict[int, list[float]]] = {name: {} for name in steps}
    for length in lengths if runs else ():
        for turn in range(3):
            for name, step in steps.items():
                if not step(length):
                    continue
                times = found[name].setdefault(length, [])
                until = runs * (turn + 1) // 3
                while len(times) < until and (len(times) < LENGTH_LEAST or sum(times) < LENGTH_SECONDS * 1000):
                    times.append(step(length)["forward"])
    return found


def timed(work: Callable[[], Given]) -> tuple[Given, float]:
    """(what it gives, ms)."""
    start = perf_counter()
    given = work()
    return given, (perf_counter() - start) * 1000
