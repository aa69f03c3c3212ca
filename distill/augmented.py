"""All operations of a recipe, one after the other: what they made, and what the teacher says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pocketbert.distill.augment import Filter, Made, Setting, operation
from pocketbert.distill.folders import Classifier, read_classifier
from pocketbert.distill.precision import on_device
from pocketbert.distill.scoring import logits_of
from pocketbert.distill.texts import encode, pad_id_of
from pocketbert.tasks import Example, Task, UserError

ASKED = 500  # variants that are held against their originals: a share is known to two points
SHOWN = 10  # of those for which the teacher changes its mind


def more_texts(
    operations: Mapping[str, tuple[Filter, Any]], examples: Sequence[Example], setting: Setting
) -> tuple[list[Example], dict[str, dict[str, Any]]]:
    """New examples without a target.

    Args:
        operations: as `augment.settled` gives them.
        examples: labelled or not.
        setting: its teacher is the fine-tuned one, a folder.

    Returns:
        the examples, numbered from 1, and for each operation {"what": in words, "made", "kept": texts, "compared": variants held
        against their originals, "agreement": the task's, of the teacher's answers to both (None where there are no variants),
        "changed": some of those whose label is another: {"original", "variant": texts, "before", "after": labels}}.

    Raises:
        UserError: an operation cannot be done, or its filter does not fit the task; the operation is named.
    """
    if not operations:
        return [], {}
    found: list[Example] = []
    report, teacher = {}, read_classifier(setting.teacher)
    for name, (chosen, options) in operations.items():
        check_filter(name, chosen, teacher.task)
        made = operation(name).augment(examples, options, setting)
        kept, found_of_it = _judged(made, examples, chosen, teacher)
        report[name] = {"what": operation(name).describe(options)} | found_of_it
        found += [Example(one.texts, None, row) for row, one in enumerate(kept, len(found) + 1)]
    return found, report


def check_filter(name: str, chosen: Filter, task: Task) -> None:
    """Raises a UserError where the task has no labels that a filter could look at."""
    if chosen.asks and not task.discrete:
        raise UserError(f"augment.{name}: agree and margin look at labels, and this task has numbers; leave them out.")


def _judged(
    made: list[Made], examples: Sequence[Example], chosen: Filter, teacher: Classifier
) -> tuple[list[Made], dict[str, Any]]:
    originals = {i: examples[one.origin].texts for i, one in enumerate(made) if one.origin is not None}
    variants = list(originals)
    compared = variants if chosen.asks else variants[:: -(-len(variants) // ASKED) or 1]
    asked = range(len(made)) if chosen.asks else compared
    place = {i: at for at, i in enumerate(asked)}
    after = _answers(teacher, [made[i].texts for i in asked])
    before = _answers(teacher, [originals[i] for i in compared])
    same = after[[place[i] for i in compared]]
    changed = _changed(teacher.task, compared, before, same)
    report = {
        "made": len(made),
        "compared": len(compared),
        "agreement": teacher.task.agreement(same, before) if compared else None,
        "changed": [
            {"original": originals[i], "variant": made[i].texts, "before": old, "after": new}
            for i, old, new in changed[:: -(-len(changed) // SHOWN) or 1]
        ],
    }
    if not chosen.asks:
        return made, report | {"kept": len(made)}
    dropped = {i for i, _, _ in changed} if chosen.agree else set()
    dropped |= {i for i in asked if _lead(teacher.task, after[place[i]]) < chosen.margin}
    kept = [one for i, one in enumerate(made) if i not in dropped]
    return kept, report | {"kept": len(kept)}


def _answers(teacher: Classifier, texts: Sequence[tuple[str, ...]]) -> np.ndarray:
    """The teacher's logits, (texts, outputs)."""
    if not texts:
        return np.zeros((0, teacher.task.outputs), np.float32)
    rows = encode(teacher.tokenizer, [Example(pair, None, i) for i, pair in enumerate(texts)], teacher.max_length).rows
    return logits_of(on_device(teacher.model), rows, pad_id_of(teacher.tokenizer))


def _changed(task: Task, variants: Sequence[int], before: np.ndarray, after: np.ndarray) -> list[tuple[int, object, object]]:
    """(variant, label of its original, its own label) where these differ; a number is never quite the same, and has no label."""
    if not task.discrete:
        return []
    answers = ([task.decode(row)[0]["label"] for row in logits] for logits in (before, after))
    return [(i, old, new) for i, old, new in zip(variants, *answers, strict=True) if old != new]


def _lead(task: Task, logits: np.ndarray) -> float:
    """Probability of the best label less that of the next."""
    best, *others = task.decode(logits, top_k=2)
    return float(str(best["score"])) - sum(float(str(other["score"])) for other in others)
