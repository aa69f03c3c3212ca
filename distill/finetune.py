"""Plain fine-tuning on gold labels: how a teacher is made, and the baseline that distillation must beat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn import functional
from transformers import PreTrainedModel

from pocketbert.distill.checks import check_examples
from pocketbert.distill.disk import folder_fingerprint
from pocketbert.distill.folders import Classifier, read_classifier, write_classifier
from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.options import Settled, TrainOptions
from pocketbert.distill.precision import for_task
from pocketbert.distill.scoring import dev_of
from pocketbert.distill.texts import encode, inputs_of, pad_id_of
from pocketbert.distill.training import Objective, Run, finish, train
from pocketbert.tasks import Example, fingerprint


class GoldLabels(Objective):
    """Cross-entropy with the gold class, or squared error with the gold value."""

    def __init__(self, student: PreTrainedModel, regression: bool) -> None:
        super().__init__()
        self.student, self.regression = student, regression

    def forward(self, **batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        logits = self.student(**inputs_of(self.student, batch)).logits  # (batch, outputs)
        return gold_loss(logits, batch["labels"], self.regression), {}


def gold_loss(logits: torch.Tensor, labels: torch.Tensor, regression: bool) -> torch.Tensor:
    """Mean over the batch, float32.

    Args:
        logits: (batch, outputs).
        labels: (batch,) class indices, or values.
        regression: which of the two.
    """
    if regression:
        return functional.mse_loss(logits.float().squeeze(-1), labels.float())
    return functional.cross_entropy(logits.float(), labels)


def finetune(
    student: Path,
    train_set: Sequence[Example],
    dev_set: Sequence[Example],
    out: Path,
    options: TrainOptions,
    checkpoints: Path,
    stage: str = "finetune",
    then: float = 0.0,
) -> dict:
    """Fine-tunes the classifier in `student` into `out`.

    Args:
        student: a model folder.
        train_set, dev_set: labelled; dev may be empty.
        out: written whole at the end.
        options: how to train, nothing on "auto".
        checkpoints: a folder of this run's own; what is there of the same run is gone on from.
        stage: what the progress bar calls it.
        then: seconds planned for what comes after; only shown.

    Returns:
        What `train` returns, and "dev" (metrics by name) and "truncated" (share of training texts, 0 to 1).

    Raises:
        UserError: data, folder or disk do not allow it.
    """
    identity = {"stage": "finetune", "student": folder_fingerprint(student)}
    settled, found = options.settled(stage), read_classifier(student)
    return finetune_model(found, train_set, dev_set, out, settled, checkpoints, stage, identity, then)


def finetune_model(
    found: Classifier,
    train_set: Sequence[Example],
    dev_set: Sequence[Example],
    out: Path,
    options: Settled,
    checkpoints: Path,
    stage: str,
    identity: dict,
    then: float = 0.0,
) -> dict:
    """`finetune` for a classifier in memory; `identity` says where its weights came from."""
    check_examples(train_set, dev_set, found.task)
    encoded = encode(found.tokenizer, train_set, found.max_length)
    rows = [{**row, "labels": e.target} for row, e in zip(encoded.rows, train_set, strict=True)]
    dev = dev_of(dev_set, encode(found.tokenizer, dev_set, found.max_length).rows if dev_set else [], found.task)
    if options.freeze_embeddings:
        freeze_embeddings(found.model)
    identity = identity | {
        "max_length": found.max_length,
        "task": found.task.to_dict(),
        "train": fingerprint(train_set),
        "dev": fingerprint(dev_set),
    }
    run = Run(stage, for_task(options, found.task), checkpoints, identity, pad_id_of(found.tokenizer), then)
    report = train(GoldLabels(found.model, found.task.kind == "regression"), rows, run, dev)
    metrics = dev.score(found.model, run.pad_id) if dev else {}
    write_classifier(found.model, found.tokenizer, found.task, found.max_length, out)
    finish(run)
    return report | {"dev": metrics, "truncated": encoded.truncated}
