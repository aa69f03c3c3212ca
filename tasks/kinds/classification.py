"""Single-sentence and sentence-pair classification: one label of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from pocketbert.tasks.errors import UserError

UNKNOWN = -1
"""Target of a row whose label the task does not have: no model can say it, so every answer counts as wrong."""


@dataclass(frozen=True)
class Task:
    """Classification over `labels`; logit column i is the score of labels[i].

    Args:
        labels: unique, without line breaks (a label file has one per line).
        pair: whether an example has two texts.

    Raises:
        UserError: fewer than two labels, a repeated one, or one with a line break.
    """

    labels: tuple[str, ...]
    pair: bool = False
    kind: ClassVar[Literal["classification"]] = "classification"
    metric: ClassVar[str] = "accuracy"
    output_kind: ClassVar[Literal["logits"]] = "logits"
    discrete: ClassVar[bool] = True
    knows_nothing: ClassVar[str] = "always saying the commonest label"

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise UserError(f"classification needs at least two labels, and there is {_names(self.labels)}.")
        repeated = {label for label, count in Counter(self.labels).items() if count > 1}
        if repeated:
            raise UserError(f"duplicate label: {_names(sorted(repeated))}.")
        broken = [label for label in self.labels if not label or len(label.splitlines()) > 1 or label != label.strip()]
        if broken:
            raise UserError(f"labels must be non-empty, without line breaks or outer spaces: {_names(broken)}.")

    @property
    def outputs(self) -> int:
        """How many numbers the model gives for an example."""
        return len(self.labels)

    @classmethod
    def from_values(cls, values: Sequence[str], pair: bool) -> Task:
        """The task that a column of labels describes: its distinct values without outer spaces, sorted (numbers as numbers)."""
        distinct = {value.strip() for value in values}
        if all(value.isdecimal() for value in distinct):
            return cls(tuple(sorted(distinct, key=int)), pair)
        return cls(tuple(sorted(distinct)), pair)

    def target(self, value: str, where: str) -> int:
        """The class index of a cell.

        A label's own name counts first; else an index, as in GLUE's files, where no label is itself a number.

        Raises:
            UserError: neither fits; `where` names the cell.
        """
        found = self._index(value.strip())
        if found is None:
            raise UserError(f'{where}: the model has no label "{value.strip()}"; it knows {_names(self.labels)}.')
        return found

    def knows(self, value: str) -> bool:
        """Whether `target` has a class for this cell."""
        return self._index(value.strip()) is not None

    def _index(self, value: str) -> int | None:
        if value in self.labels:
            return self.labels.index(value)
        numeric = any(label.isdecimal() for label in self.labels)
        if value.isdecimal() and not numeric and int(value) < len(self.labels):
            return int(value)
        return None

    def target_name(self, target: float) -> str:
        """A target as a sentence names it."""
        return "a label that the training data lacks" if target == UNKNOWN else f'the label "{self.labels[int(target)]}"'

    def trivial(self, train_targets: np.ndarray, rows: int) -> np.ndarray:
        """Outputs of a know-nothing that always says the commonest label: log frequencies, float32 (rows, outputs).

        Args:
            train_targets: (training rows,) class indices; UNKNOWN is passed over.
            rows: how many rows it is asked about.
        """
        known = train_targets[train_targets != UNKNOWN].astype(np.int64)
        counts = np.bincount(known, minlength=self.outputs)  # (outputs,)
        shares = (counts + 0.5) / (counts.sum() + 0.5 * self.outputs)  # a label that never occurs has a logarithm too
        return np.tile(np.log(shares).astype(np.float32), (rows, 1))

    def row_scores(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """What each row adds to the metric, float64 (rows,), where the metric is their mean; None where it is not."""
        return (logits.argmax(1) == np.asarray(targets, np.int64)).astype(np.float64)

    def decode(self, logits: np.ndarray, top_k: int | None = 1, threshold: float = 0.0) -> list[dict[str, object]]:
        """The `top_k` best labels (None: all) with softmax scores, best first.

        Args:
            logits: (outputs,).
            top_k: how many labels.
            threshold: a best score below it makes the label None: the model abstains.
        """
        shifted = np.exp(logits.astype(np.float64) - logits.max())
        scores = shifted / shifted.sum()  # (outputs,)
        order = np.argsort(-scores, kind="stable")[:top_k]
        if scores[order[0]] < threshold:
            return [{"label": None, "score": float(scores[order[0]])}]
        return [{"label": self.labels[i], "score": float(scores[i])} for i in order]

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """accuracy, macro F1 over the classes that occur, both in 0..1; for two classes also MCC (-1..1).

        Args:
            logits: (rows, outputs).
            targets: (rows,) class indices; UNKNOWN is a class of its own that is never predicted.
        """
        predicted, targets = logits.argmax(1), np.asarray(targets, np.int64)
        scores = []
        for label in np.unique(np.concatenate([predicted, targets])):
            hit = np.sum((predicted == label) & (targets == label))
            scores.append(2 * hit / (np.sum(predicted == label) + np.sum(targets == label)))
        found = {"accuracy": float(np.mean(predicted == targets)), "macro_f1": float(np.mean(scores))}
        if self.outputs == 2:
            found["mcc"] = _correlation(predicted, np.where(targets == UNKNOWN, 1 - predicted, targets))
        return found

    def agreement(self, logits: np.ndarray, other: np.ndarray) -> float:
        """Share of rows with the same best label in both, each (rows, outputs)."""
        return float(np.mean(logits.argmax(1) == other.argmax(1)))

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "pair": self.pair, "labels": list(self.labels)}


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    # Matthews' coefficient is Pearson's of the two 0/1 columns; 0 by convention where one of them is constant.
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) and np.ptp(b) else 0.0


def _names(labels: Sequence[str]) -> str:
    shown = ", ".join(repr(label) for label in labels[:20])
    return f"{shown} and {len(labels) - 20} more" if len(labels) > 20 else shown
