"""Second stage: the student's logits follow the teacher's, which are computed once and kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel

from pocketbert.distill.checkpoints import claim
from pocketbert.distill.checks import check_examples
from pocketbert.distill.disk import folder_fingerprint, write_file
from pocketbert.distill.finetune import gold_loss
from pocketbert.distill.folders import Classifier, read_classifier, write_classifier
from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.intermediate import check_pair
from pocketbert.distill.losses.prediction import soft_label_loss, value_loss
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.precision import device, for_task
from pocketbert.distill.scoring import check_finite, dev_of, logits_of
from pocketbert.distill.texts import encode, inputs_of
from pocketbert.distill.training import Objective, Run, finish, train
from pocketbert.tasks import Example, UserError, fingerprint


@dataclass(frozen=True)
class PredictionOptions:
    """Settings of the prediction stage."""

    train: TrainOptions = field(default_factory=lambda: TrainOptions(epochs=3, learning_rate=3e-5))
    """How it trains."""

    temperature: float = 1.0
    """What logits are divided by before softmax; TinyBERT's is 1."""

    hard_label_weight: float = 0.0
    """Share (0 to 1) of the gold label's loss; the teacher's has the rest."""


class SoftLabels(Objective):
    """The soft prediction loss (equation 10), or its regression form, mixed with the gold label's on request."""

    def __init__(self, student: PreTrainedModel, regression: bool, temperature: float, hard_label_weight: float) -> None:
        super().__init__()
        self.student, self.regression = student, regression
        self.temperature, self.hard_label_weight = temperature, hard_label_weight

    def forward(self, **batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        logits = self.student(**inputs_of(self.student, batch)).logits  # (batch, outputs)
        teacher = batch["teacher_logits"]  # (batch, outputs)
        soft = value_loss(logits, teacher) if self.regression else soft_label_loss(logits, teacher, self.temperature)
        if not self.hard_label_weight:
            return soft, {"pred": soft}
        hard = gold_loss(logits, batch["labels"], self.regression)
        return (1 - self.hard_label_weight) * soft + self.hard_label_weight * hard, {"pred": soft, "gold": hard}


def prediction(
    teacher: Path,
    student: Path,
    train_set: Sequence[Example],
    dev_set: Sequence[Example],
    out: Path,
    options: PredictionOptions,
    checkpoints: Path,
) -> dict:
    """Trains the folder `student` into `out`; gold labels of the training set matter only with `hard_label_weight`.

    Returns:
        What `train` returns, and "dev" (metrics by name) and "agreement" (with the teacher on dev).

    Raises:
        UserError: the two do not fit, the teacher's output is not finite, or data or disk do not allow it.
    """
    if not 0 <= options.hard_label_weight <= 1 or not options.temperature > 0:
        raise UserError("temperature must be above zero, and hard_label_weight from 0 to 1.")
    if not train_set:
        raise UserError("the training data is empty.")
    taught, learning = read_classifier(teacher), read_classifier(student)
    check_pair(taught, learning)
    if options.hard_label_weight:
        check_examples(train_set, dev_set, learning.task)
    if options.train.freeze_embeddings:
        freeze_embeddings(learning.model)
    rows = encode(learning.tokenizer, train_set, learning.max_length).rows
    identity = {
        "stage": "prediction",
        "teacher": folder_fingerprint(teacher),
        "student": folder_fingerprint(student),
        "train": fingerprint(train_set),
        "dev": fingerprint(dev_set),
        "options": asdict(options) | {"train": None},
    }
    chosen = for_task(options.train, learning.task)
    run = Run("distill prediction", chosen, checkpoints, identity, learning.tokenizer.pad_token_id)
    logits = teacher_logits(taught, rows, train_set, checkpoints, identity)
    rows = _with_targets(rows, logits, train_set, options.hard_label_weight > 0)
    dev_rows = encode(learning.tokenizer, dev_set, learning.max_length).rows if dev_set else []
    dev = dev_of(dev_set, dev_rows, learning.task)
    regression = learning.task.kind == "regression"
    objective = SoftLabels(learning.model, regression, options.temperature, options.hard_label_weight)
    report = train(objective, rows, run, dev)
    scores = {"dev": {}, "agreement": None}
    if dev:
        seen = logits_of(learning.model, dev_rows, run.pad_id)
        wanted = logits_of(taught.model.cpu(), dev_rows, run.pad_id)
        scores = {"dev": dev.task.metrics(seen, dev.targets), "agreement": dev.task.agreement(seen, wanted)}
    write_classifier(learning.model, learning.tokenizer, learning.task, learning.max_length, out)
    finish(run)
    return report | scores


def teacher_logits(
    teacher: Classifier, rows: list[dict], examples: Sequence[Example], checkpoints: Path, identity: dict
) -> np.ndarray:
    """The teacher's logits of the training rows, float32 (rows, outputs): read back if this teacher and data had them.

    They stand in `teacher_logits.npy` with a key beside it; another teacher, data set or length has another key.

    Raises:
        UserError: a logit is not finite (the row is named).
    """
    key = claim(checkpoints / "teacher", {name: identity[name] for name in ("teacher", "train")} | {"ids": _ids(rows)})
    path = checkpoints / "teacher" / f"teacher_logits-{key[:16]}.npy"
    kept = _kept(path)
    if kept is not None and kept.shape == (len(rows), teacher.task.outputs):
        return kept
    logits = logits_of(teacher.model.to(device()), rows, teacher.tokenizer.pad_token_id)
    check_finite(logits, examples, "the teacher")
    content = io.BytesIO()
    np.save(content, logits)
    write_file(path, content.getvalue())
    return logits


def _kept(path: Path) -> np.ndarray | None:
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):  # not there, or cut by a kill: they are computed again
        return None


def _ids(rows: list[dict]) -> int:
    # Truncation is the only thing that can change the ids of the same texts and the same tokenizer.
    return max(len(row["input_ids"]) for row in rows)


def _with_targets(rows: list[dict], logits: np.ndarray, examples: Sequence[Example], gold: bool) -> list[dict]:
    found = [{**row, "teacher_logits": values} for row, values in zip(rows, logits.tolist(), strict=True)]
    if gold:
        found = [{**row, "labels": example.target} for row, example in zip(found, examples, strict=True)]
    return found
