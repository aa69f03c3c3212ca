"""The plan of a build: what each stage trains for, what is searched, and how long it takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pocketbert.distill.auto import Choice, Role, Sizes
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.search import Search

# The stages whose rate and whose being dev decides in one go, before either runs.
CHOSEN_FIRST = ("intermediate", "student")
COMPARED_RUNS = 3  # of a comparison: the predictions alone, then the intermediate stage and the predictions after it


@dataclass(frozen=True)
class Work:
    """A stage before it is planned.

    Args:
        name: of the stage.
        role: how it trains.
        options: as the user gave them.
        sizes: of the model that trains, and its data.
        update_seconds, step_text_seconds: an optimiser step, and what each text of its batch adds, measured.
        text_seconds: one text of dev through the model, measured.
        dev_rows: what it is scored on; 0 where it is not.
        start_seconds: before the first run, such as the teacher's logits of all rows; again where dev chooses beforehand.
        end_seconds: after the last run, such as the scores on dev and test.
        run_seconds: of every run besides its steps and dev scores: models read, texts tokenized, weights written.
        score_seconds: of every dev score besides the texts: the best weights written.
    """

    name: str
    role: Role
    options: TrainOptions
    sizes: Sizes
    update_seconds: float
    step_text_seconds: float
    text_seconds: float
    dev_rows: int
    start_seconds: float = 0.0
    end_seconds: float = 0.0
    run_seconds: float = 0.0
    score_seconds: float = 0.0


@dataclass(frozen=True)
class Planned:
    """A stage of the plan.

    Args:
        options: nothing on "auto" but the rate, where it is searched.
        search: of the rate, or None.
        fall_back: rates that may follow where the whole run fails; none where the user gave the rate.
        choices: what was decided and why.
        steps: optimiser steps, without those of the search.
        seconds: with those of the search.
        whole_seconds: without it.
    """

    options: TrainOptions
    search: Search | None
    fall_back: tuple[float, ...]
    choices: tuple[Choice, ...]
    steps: int
    seconds: float
    whole_seconds: float


@dataclass(frozen=True)
class Plan:
    """What a build is going to do.

    Args:
        stages: by name, in order.
        compare: share of the steps that candidates of the student's stages get; 0: they are not compared.
        compare_seconds: what the comparison takes.
        finish_seconds: export, verify and bench, estimated.
        budget_seconds: what was given.
        said: what the budget left out, in words; empty where it left out nothing.
        scale: share of the steps that suit the data.
        augment_seconds: what it takes to make more texts, after teacher and baseline.
    """

    stages: dict[str, Planned]
    compare: float
    compare_seconds: float
    finish_seconds: float
    budget_seconds: float
    said: str
    scale: float
    augment_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        behind = self.augment_seconds + self.compare_seconds + self.finish_seconds
        return sum(stage.seconds for stage in self.stages.values()) + behind

    def after(self, name: str) -> float:
        """Seconds planned for everything behind the whole run of that stage."""
        if name in CHOSEN_FIRST:  # what dev chose about them is behind both
            later = [other for other in CHOSEN_FIRST if name == CHOSEN_FIRST[0] != other]
            return sum(self.stages[other].whole_seconds for other in later if other in self.stages) + self.finish_seconds
        names = list(self.stages)
        later = sum(self.stages[other].seconds for other in names[names.index(name) + 1 :])
        return later + self.augment_seconds + self.compare_seconds + self.finish_seconds

    def after_trial(self, name: str, elapsed: float) -> float:
        """Seconds planned for everything behind a trial: the trials still to come, the whole run, and what follows it.

        Args:
            name: of the stage whose rate is searched, or that is compared with its absence.
            elapsed: seconds since the first trial began.
        """
        names = [other for other in CHOSEN_FIRST if other in self.stages] if name in CHOSEN_FIRST else [name]
        whole = sum(self.stages[other].whole_seconds for other in names)
        trials = sum(self.stages[other].seconds for other in names) - whole
        trials += self.compare_seconds if name in CHOSEN_FIRST else 0.0
        runs = sum(search.runs for other in names if (search := self.stages[other].search) is not None)
        runs += COMPARED_RUNS if name in CHOSEN_FIRST and self.compare else 0
        own = trials / max(runs, 1)  # this trial, which the bar itself knows
        return max(0.0, trials - elapsed - own) + whole + self.after(names[-1])

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
