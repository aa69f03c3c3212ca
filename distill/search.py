"""A short search on the dev set: every arm runs on a part of the steps, and the losers are dropped early."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketbert.distill.auto import noise, ranked
from pocketbert.tasks import UserError
from pocketbert.tasks.files import write_file

# A trial of fewer steps than these ranks rates by chance.
LEAST_TRIAL_STEPS = 40
# A short run is best at a higher rate than a long one. The demo's student: an eighth of the steps did best at 6e-4 and 1.2e-3,
# the whole run followed its teacher closest at 1.5e-4 and 3e-4. The exponent doubles the rate of such a trial.
SHORTER_FASTER = 1 / 3
LEAST_SCORE = -1.0  # of any metric that a search ranks by; that of a trial that diverged
TRYING = ", trying"  # what the bar adds to a stage's name begins with this where the run is a trial


class Diverged(UserError):
    """The loss of a training is no longer a finite number."""


def scored(trial: Callable[[], float]) -> float:
    """The dev score of a trial; one that diverged loses against any other, and the search goes on."""
    try:
        return trial()
    except Diverged:
        return LEAST_SCORE


def finite(score: float) -> float | None:
    """A trial's score as a Choice keeps it: None where the trial diverged."""
    return None if score == LEAST_SCORE else score


def trial_share(share: float, steps: int) -> float:
    """What of a run's steps a trial really takes, where it is to take this share of them."""
    return min(1.0, max(share, LEAST_TRIAL_STEPS / steps))


def trial_rate(rate: float, share: float) -> float:
    """The rate at which a run over that share of the steps (0 to 1) stands for a whole run at `rate`."""
    return rate * share**-SHORTER_FASTER


@dataclass(frozen=True)
class Search:
    """What is tried, and how long.

    Args:
        arms: rates, the likeliest first: of two within noise of each other the first wins.
        rounds: share of the full steps (0 to 1) that each arm gets, one per round; after each the better half stays.
    """

    arms: tuple[Any, ...]
    rounds: tuple[float, ...]

    def cost(self, steps: int) -> float:
        """Steps of the whole search, as a share of one full run of so many steps.

        More where no arm is better than one that has learnt nothing: none is dropped then.
        """
        return sum(arms * trial_share(share, steps) for arms, share in zip(self._arms_left(), self.rounds, strict=True))

    @property
    def runs(self) -> int:
        """Trials of the whole search."""
        return sum(self._arms_left())

    def _arms_left(self) -> list[int]:
        """Arms that run in each round."""
        left, count = [], len(self.arms)
        for _ in self.rounds:
            left.append(count)
            count = math.ceil(count / 2)
        return left


@dataclass(frozen=True)
class Found:
    """What a search saw.

    Args:
        ranking: the arms, best first.
        trials: (arm, share of the steps, dev score) in the order they ran.
        why: the reason for the first of the ranking, in a sentence.
    """

    ranking: tuple[Any, ...]
    trials: tuple[tuple[Any, float, float], ...]
    why: str

    @property
    def among(self) -> tuple[tuple[Any, float | None], ...]:
        """(arm, its last dev score), as a Choice keeps it."""
        return tuple({arm: (arm, finite(score)) for arm, _, score in self.trials}.values())

    @property
    def best(self) -> float:
        """The highest score of any trial."""
        return max(score for _, _, score in self.trials)


def search(wanted: Search, trial: Callable[[Any, float], float], rows: int, trivial: float, folder: Path) -> Found:
    """Successive halving.

    While no arm is better than one that has learnt nothing, none is dropped: a short run of hard data tells nothing. Where that
    stays so to the end, the lowest arm comes first: a rate that is too low learns late, one that is too high not at all.

    Args:
        wanted: arms and rounds.
        trial: runs an arm for a share of the steps and returns its dev score; it resumes by itself after a kill.
        rows: of dev; they say what is noise.
        trivial: dev score of a model that has learnt nothing.
        folder: where finished trials are noted, so that a search goes on where it was killed.
    """
    notes = folder / "trials.json"
    seen = _noted(notes)
    left, dropped, trials, why = list(wanted.arms), [], [], ""
    for share in wanted.rounds:
        scores = []
        for arm in left:
            key = json.dumps([arm, share])
            if key not in seen:
                seen[key] = trial(arm, share)
                write_file(notes, json.dumps(seen, indent=1).encode())
            scores.append((arm, seen[key]))
            trials.append((arm, share, seen[key]))
        values = dict(scores)
        if max(values.values()) <= trivial:
            left, why = sorted(left), "no run of the last round was better on dev than one that has learnt nothing; so the lowest"
            continue
        why = "best of a short search on dev"
        order = ranked(scores, rows)
        kept = math.ceil(len(order) / 2)
        if len(order) > 1 and values[order[0]] - values[order[1]] > 2 * noise(values[order[0]], rows):
            kept = 1  # ahead by more than chance: the next round would tell nothing new
        left, dropped = order[:kept], order[kept:] + dropped
        if kept == 1:
            break
    return Found((*left, *dropped), tuple(trials), why)


def _noted(path: Path) -> dict[str, float]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or cut by a kill
        return {}
