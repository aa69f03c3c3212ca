"""The teacher: fine-tuned here, or taken as it is; scored on dev before anything is distilled from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from pocketbert.distill.checks import trivial_warning
from pocketbert.distill.disk import folder_fingerprint, source_of
from pocketbert.distill.finetune import finetune_model
from pocketbert.distill.folders import read_classifier, read_config, write_classifier
from pocketbert.distill.head import new_head, start_head
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.precision import on_device
from pocketbert.distill.scoring import check_finite, evaluate, logits_of
from pocketbert.distill.texts import encode, pad_id_of
from pocketbert.tasks import Example, Task, UserError, targets_of
from pocketbert.tasks.model_folder import task_of

__all__ = ["evaluate", "examine", "take", "teach"]


def teach(
    model: str,
    task: Task,
    train: Sequence[Example],
    dev: Sequence[Example],
    out: Path,
    options: TrainOptions,
    checkpoints: Path,
    max_length: int = 64,
    stage: str = "teacher",
    then: float = 0.0,
) -> dict:
    """Fine-tunes an encoder (a folder or a Hugging Face id) on gold labels into the folder `out`.

    Args:
        model: a bare encoder, or a classifier; its head is kept where it has the task's labels in the task's order.
        task: what the labels mean; its labels become the logits' order.
        train, dev: dev may be empty; then the last weights are kept and nothing is scored.
        out: written whole at the end.
        options: how to train, nothing on "auto".
        checkpoints: a folder of this run's own; what is there of the same run is gone on from.
        max_length: longest input in tokens; longer texts are cut.
        stage: what the progress bar calls it.
        then: seconds planned for what comes after; only shown.

    Returns:
        The training's report.

    Raises:
        UserError: the model cannot be loaded, or the data does not allow it.
    """
    settled = options.settled(stage)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settled.seed)  # of a new head's weights
        found = read_classifier(source_of(model), task, max_length)
        has_new_head = any("classifier" in name for name in found.missing)
        if not has_new_head and not _has_labels(model, task):
            new_head(found.model)  # the old one means other labels, or these in another order
            has_new_head = True
    if has_new_head:
        start_head(found.model, task)
    identity = {"stage": "teach", "model": model, "weights": folder_fingerprint(Path(model)), "seed": settled.seed}
    return finetune_model(found, train, dev, out, settled, checkpoints, stage, identity, then)


def take(model: str, task: Task | None, out: Path, max_length: int | None = None, pair: bool | None = None) -> Task:
    """Takes a fine-tuned classifier as it is into the folder `out`, and returns its task.

    Args:
        model: a folder or a Hugging Face id.
        task: what the data says, or None. The model's own labels and their order win.
        out: written whole.
        max_length: longest input in tokens; None: the model's own limit, at most 128.
        pair: whether the data has two texts per example, where there is no task to say so.

    Raises:
        UserError: it is no fine-tuned classifier, lacks one of the task's labels, or its labels have no names (LABEL_0, ...)
            and the data's have: which is which is known to nobody here.
    """
    found = read_classifier(source_of(model), None, max_length)
    if found.missing:
        raise UserError(
            f"{model}: not a fine-tuned classifier, its weights {', '.join(found.missing[:3])} are missing; "
            "fine-tune it first: teacher.fine_tune: true in a recipe, `pocketbert teach` on the command line."
        )
    agreed = _agreed(found.task, task, model)
    if pair is not None:
        agreed = replace(agreed, pair=pair)
    # A phone reads short texts; 128 is what GLUE's models were trained at, and more only costs time where texts are longer.
    length = max_length or min(found.max_length, 128)
    write_classifier(found.model, found.tokenizer, agreed, length, out)
    return agreed


def _has_labels(model: str, task: Task) -> bool:
    """Whether a fine-tuned head's columns mean the task's labels, in their order."""
    try:
        return task_of(read_config(source_of(model)), model).labels == task.labels
    except UserError:  # of a kind of task that is not known here
        return False


def agreed_task(model: str | Path, task: Task) -> Task:
    """The task of a finished classifier, looked at against what the data says; its own labels and their order win.

    Raises:
        UserError: it lacks one of the data's labels, or which label is which is known to nobody.
    """
    own = task_of(read_config(model), model)
    numbers = all(label.isdecimal() for label in task.labels) and not any(label.isdecimal() for label in own.labels)
    if numbers and own.kind == task.kind:
        return replace(own, pair=task.pair)  # numbers in the data are the indices of its labels
    return _agreed(own, task, str(model))


def examine(folder: Path, dev: Sequence[Example], trained: bool = False) -> dict:
    """The teacher's check-up: its dev metrics, and what should make one stop before distilling from it.

    Args:
        folder: of the teacher.
        dev: may be empty.
        trained: whether it was fine-tuned here, and not taken as it is.

    Returns:
        {"dev": metrics by name, "dev_truncated": share of dev texts that were cut, "warnings": sentences}.

    Raises:
        UserError: an output that is not finite (the row is named), or a tokenizer that does not fit the embedding.
    """
    found = read_classifier(folder)
    if not dev:
        return {"dev": {}, "dev_truncated": 0.0, "warnings": ["no dev data: the teacher was not scored."]}
    encoded = encode(found.tokenizer, dev, found.max_length)
    logits = logits_of(on_device(found.model), encoded.rows, pad_id_of(found.tokenizer))
    check_finite(logits, dev, str(folder))
    metrics = found.task.metrics(logits, targets_of(list(dev)))
    warnings = trivial_warning(metrics, dev, found.task, trained)
    if encoded.truncated > 0.05:  # one text in twenty is no longer an oddity of the data
        warnings.append(f"{encoded.truncated:.0%} of the dev texts are longer than {found.max_length} tokens and were cut.")
    return {"dev": metrics, "dev_truncated": encoded.truncated, "warnings": warnings}


def _agreed(own: Task, task: Task | None, model: str) -> Task:
    if task is None:
        return own
    if task.kind != own.kind:
        raise UserError(f"{model}: a model for {own.kind}, and the data is for {task.kind}.")
    if task.kind == "regression":
        return task
    lacking = [label for label in task.labels if label not in own.labels]
    nameless = list(own.labels) == [f"LABEL_{i}" for i in range(own.outputs)]
    if nameless and lacking:
        if not all(label.isdecimal() for label in task.labels):
            raise UserError(
                f"{model}: the teacher's labels have no names: give numeric labels in the data, or set id2label in its "
                "config.json."
            )
        lacking = [label for label in task.labels if int(label) >= own.outputs]  # a number is the label's index
    if lacking:
        raise UserError(
            f"{model}: the data has labels that the teacher lacks: {', '.join(lacking[:10])}; it knows "
            f"{', '.join(own.labels[:10])}{' ...' if own.outputs > 10 else ''}."
        )
    return replace(own, pair=task.pair)
