"""Regression: one value for a text or a pair, such as the similarity of two sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from pocketbert.tasks.errors import UserError


@dataclass(frozen=True)
class Task:
    """One value an example.

    Args:
        pair: whether an example has two texts.
        low, high: the range of the targets seen in training; predictions are not clipped to it. Both None where nobody
            knows it.
        unit: what the value is called.

    Raises:
        UserError: one of low and high without the other, or they are no range.
    """

    pair: bool = False
    low: float | None = None
    high: float | None = None
    unit: str = "score"
    kind: ClassVar[Literal["regression"]] = "regression"
    metric: ClassVar[str] = "spearman"
    output_kind: ClassVar[Literal["value"]] = "value"
    discrete: ClassVar[bool] = False
    knows_nothing: ClassVar[str] = "always saying the mean value"

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise UserError(f"regression takes both ends of its range or none, and they are {self.low} and {self.high}.")
        if self.range is not None and not (all(map(math.isfinite, self.range)) and self.range[0] < self.range[1]):
            raise UserError(f"regression needs targets that differ, and their range is {self.low} to {self.high}.")

    @property
    def range(self) -> tuple[float, float] | None:
        """(low, high), where they are known."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def labels(self) -> tuple[str, ...]:
        """The single output's name, so that a label file can be written."""
        return (self.unit,)

    @property
    def outputs(self) -> int:
        """How many numbers the model gives for an example."""
        return 1

    @classmethod
    def from_values(cls, values: Sequence[str], pair: bool) -> Task:
        """The task that a column of numbers describes: its range.

        Raises:
            UserError: a value is no finite number.
        """
        numbers = [_number(value, "the label column") for value in values]
        return cls(pair, min(numbers), max(numbers))

    def target(self, value: str, where: str) -> float:
        """The number in a cell.

        Raises:
            UserError: it is no finite number; `where` names the cell.
        """
        return _number(value, where)

    def knows(self, value: str) -> bool:
        """True: there is no number that a model could not say, and what is no number is an error."""
        return True

    def target_name(self, target: float) -> str:
        """A target as a sentence names it."""
        return f"the value {target:g}"

    def trivial(self, train_targets: np.ndarray, rows: int) -> np.ndarray:
        """Outputs of a know-nothing that always says the mean of (training rows,) targets: float32 (rows, 1)."""
        return np.full((rows, 1), np.mean(train_targets), np.float32)

    def row_scores(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """None: a correlation is not the mean of what single rows score."""
        return None

    def decode(self, logits: np.ndarray, top_k: int | None = 1, threshold: float = 0.0) -> list[dict[str, object]]:
        """The value under the task's unit. `logits` is (1,); `top_k` and `threshold` do not apply."""
        return [{"label": self.unit, "score": float(logits[0])}]

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """spearman, pearson (-1..1) and mean squared error. `logits` is (rows, 1), `targets` (rows,)."""
        values, targets = logits[:, 0].astype(np.float64), np.asarray(targets, np.float64)
        return {
            "spearman": _pearson(_ranks(values), _ranks(targets)),
            "pearson": _pearson(values, targets),
            "mse": float(np.mean((values - targets) ** 2)),
        }

    def agreement(self, logits: np.ndarray, other: np.ndarray) -> float:
        """Pearson's correlation of two models' values, each (rows, 1)."""
        return _pearson(logits[:, 0].astype(np.float64), other[:, 0].astype(np.float64))

    def to_dict(self) -> dict[str, object]:
        known = {} if self.low is None else {"low": self.low, "high": self.high}
        return {"kind": self.kind, "pair": self.pair, **known, "unit": self.unit}


def _number(value: str, where: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f'{where}: "{value}" is not a finite number, and regression needs one.')
    return number


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) and np.ptp(b) else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, ties averaged: (rows,) -> (rows,)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[inverse]
