"""What is looked at before anything is trained: each item is a mistake that somebody made and no tool told them of."""

from __future__ import annotations

from collections.abc import Sequence

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
    seen = {example.gold for example in train_set}
    if len(seen) < 2:
        (only,) = seen
        raise UserError(f"every row of the training data has {task.target_name(only)}; there is nothing to tell apart.")


def trivial_warning(metrics: dict[str, float], dev_set: Sequence[Example], task: Task, trained: bool) -> list[str]:
    """A warning where a model is no better than one that knows nothing but how often each target occurs in dev.

    `trained`: it was just fine-tuned on this task, so that a wrong model or order of labels is not what ails it.
    """
    if not dev_set:
        return []
    targets = targets_of(list(dev_set))
    value, nothing = (found[task.metric] for found in (metrics, task.metrics(task.trivial(targets, len(targets)), targets)))
    if value > nothing:
        return []
    why = "the model was not fine-tuned on this task, or the order of its labels differs"
    why = "the training taught it nothing" if trained else why
    return [
        f"the {task.metric} on dev ({value:.3f}) is no better than {task.knows_nothing} ({nothing:.3f}): {why}."
    ]
