"""What is looked at before anything is trained: each item is a mistake that somebody made and no tool told them of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pocketbert.tasks import Example, Task, UserError, targets_of


def check_examples(train_set: Sequence[Example], dev_set: Sequence[Example], task: Task) -> None:
    """Raises a UserError where there is nothing to learn: no rows, no targets, one class only, one value only."""
    if not train_set:
        raise UserError("the training data is empty; give at least a few rows of each label.")
    for name, examples in (("training", train_set), ("dev", dev_set)):
        unlabelled = next((example for example in examples if example.target is None), None)
        if unlabelled is not None:
            raise UserError(f"{name} data, row {unlabelled.row}: no label.")
        wide = next((example for example in examples if len(example.texts) != 1 + task.pair), None)
        if wide is not None:
            raise UserError(f"{name} data, row {wide.row}: {len(wide.texts)} texts where the task has {1 + task.pair}.")
    seen = sorted({example.target for example in train_set})
    if len(seen) < 2:
        only = f'the label "{task.labels[seen[0]]}"' if task.kind == "classification" else f"the value {seen[0]}"
        raise UserError(f"every row of the training data has {only}; there is nothing to tell apart.")


def trivial_warning(metrics: dict[str, float], dev_set: Sequence[Example], task: Task) -> list[str]:
    """A warning where a model is no better than one that has learnt nothing.

    For classification that is always saying the dev set's commonest label; for regression, its mean value.
    """
    if not dev_set:
        return []
    targets = targets_of(list(dev_set))
    if task.kind == "regression":
        if metrics["mse"] >= float(np.var(targets)):
            return [f"the mean squared error on dev ({metrics['mse']:.4g}) is no better than always saying the mean value."]
        return []
    majority = majority_share(targets)
    if metrics["accuracy"] <= majority:
        return [
            f"the accuracy on dev ({metrics['accuracy']:.3f}) is no better than always saying the commonest label "
            f"({majority:.3f}): the model was not fine-tuned on this task, or the order of its labels differs."
        ]
    return []


def majority_share(targets: np.ndarray) -> float:
    """Share of the commonest class among (rows,) class indices."""
    return float(np.bincount(targets.astype(np.int64)).max() / len(targets))
