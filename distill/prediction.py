"""Second stage: the student's logits follow the teacher's, which are computed once and kept; other losses can be added."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from pocketbert.distill.alignment import Alignment
from pocketbert.distill.checkpoints import claim
from pocketbert.distill.checks import check_examples
from pocketbert.distill.disk import folder_fingerprint
from pocketbert.distill.finetune import gold_loss
from pocketbert.distill.folders import Classifier, read_classifier, write_classifier
from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.intermediate import aligned_by, check_pair
from pocketbert.distill.options import PredictionOptions
from pocketbert.distill.precision import for_task, on_device
from pocketbert.distill.scoring import check_finite, dev_of, logits_of
from pocketbert.distill.soft_labels import soft_label_loss, value_loss
from pocketbert.distill.terms import described
from pocketbert.distill.texts import encode, inputs_of, pad_id_of
from pocketbert.distill.training import Objective, Run, finish, train
from pocketbert.tasks import Example, UserError, fingerprint
from pocketbert.tasks.files import write_file


class SoftLabels(Objective):
    """The soft prediction loss (TinyBERT, equation 10), or its regression form, mixed with the gold label's; and more losses.

    Args:
        student: what is trained.
        regression: whether logits are values; there is no temperature then.
        temperature: what logits are divided by before softmax.
        hard_label_weight: share of the gold label's loss, 0 to 1; with 1 a batch needs no "teacher_logits".
        alignment: losses on inner states that are added; the teacher runs for them in every step.
    """

    def __init__(
        self,
        student: PreTrainedModel,
        regression: bool,
        temperature: float,
        hard_label_weight: float,
        alignment: Alignment | None = None,
    ) -> None:
        super().__init__()
        self.student, self.regression, self.alignment = student, regression, alignment
        self.temperature, self.hard_label_weight = temperature, hard_label_weight

    def forward(self, **batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        with self.alignment.watch() if self.alignment else contextlib.nullcontext() as seen:
            logits = self.student(**inputs_of(self.student, batch)).logits  # (batch, outputs)
        losses, parts = [], {}
        if self.hard_label_weight < 1:
            teacher = batch["teacher_logits"]  # (batch, outputs)
            parts["pred"] = value_loss(logits, teacher) if self.regression else soft_label_loss(logits, teacher, self.temperature)
            losses.append((1 - self.hard_label_weight) * parts["pred"])
        if self.hard_label_weight > 0:
            parts["gold"] = gold_loss(logits, batch["labels"], self.regression)
            losses.append(self.hard_label_weight * parts["gold"])
        if self.alignment:
            aligned, terms = self.alignment(seen, batch)
            losses.append(aligned)
            parts |= terms
        return torch.stack(losses).sum(), parts


def prediction(
    teacher: Path,
    student: Path,
    train_set: Sequence[Example],
    dev_set: Sequence[Example],
    out: Path,
    options: PredictionOptions,
    checkpoints: Path,
    stage: str = "distill prediction",
    then: float = 0.0,
    cache: Path | None = None,
) -> dict:
    """Trains the folder `student` into `out`; gold labels of the training set matter only with `hard_label_weight`.

    Args:
        teacher: a model folder; not even read where gold labels have the whole weight and there are no other losses.
        student: a model folder.
        train_set, dev_set: dev is labelled, and may be empty.
        out: written whole at the end.
        options: nothing in its training on "auto".
        checkpoints: a folder of this run's own; what is there of the same run is gone on from.
        stage: what the progress bar calls it.
        then: seconds planned for what comes after; only shown.
        cache: folder in which the teacher's logits are kept, for several runs on the same texts; None: `checkpoints`.

    Returns:
        What `train` returns, "dev" (metrics by name), "agreement" (with the teacher on dev; None without dev or teacher) and
        "layers": the [student, teacher] pairs that other losses match.

    Raises:
        UserError: the two do not fit, the teacher's output is not finite, or data or disk do not allow it.
    """
    if not train_set:
        raise UserError("the training data is empty.")
    soft, gold = options.hard_label_weight < 1, options.hard_label_weight > 0
    learning = read_classifier(student)
    taught = read_classifier(teacher) if soft or options.losses else None
    training = options.training.settled(stage)
    pairs, alignment = (), None
    if taught is not None:
        check_pair(taught, learning)
        if options.losses:
            pairs, terms = aligned_by(options, taught, learning, training.seed)
            alignment = Alignment(learning.model, on_device(taught.model), terms)
    if gold:
        check_examples(train_set, dev_set, learning.task)
    if training.freeze_embeddings:
        freeze_embeddings(learning.model)
    rows = encode(learning.tokenizer, train_set, learning.max_length).rows
    identity = {
        "stage": "prediction",
        "teacher": folder_fingerprint(teacher) if taught else None,
        "student": folder_fingerprint(student),
        "train": fingerprint(train_set),
        "dev": fingerprint(dev_set),
        "temperature": options.temperature,
        "hard_label_weight": options.hard_label_weight,
        "layers": pairs,
        "losses": described(options.losses) if options.losses else {},
    }
    run = Run(stage, for_task(training, learning.task), checkpoints, identity, pad_id_of(learning.tokenizer), then)
    if taught is not None and soft:
        followed = teacher_logits(taught, rows, train_set, cache or checkpoints, identity)
        rows = [{**row, "teacher_logits": values} for row, values in zip(rows, followed.tolist(), strict=True)]
    if gold:
        rows = [{**row, "labels": example.target} for row, example in zip(rows, train_set, strict=True)]
    dev_rows = encode(learning.tokenizer, dev_set, learning.max_length).rows if dev_set else []
    dev = dev_of(dev_set, dev_rows, learning.task)
    regression = learning.task.kind == "regression"
    objective = SoftLabels(learning.model, regression, options.temperature, options.hard_label_weight, alignment)
    report = train(objective, rows, run, dev)
    scores: dict[str, Any] = {"dev": {}, "agreement": None, "layers": [list(pair) for pair in pairs]}
    if dev:
        seen = logits_of(learning.model, dev_rows, run.pad_id)
        scores["dev"] = dev.task.metrics(seen, dev.targets)
        if taught:
            scores["agreement"] = dev.task.agreement(seen, logits_of(taught.model.cpu(), dev_rows, run.pad_id))
    write_classifier(learning.model, learning.tokenizer, learning.task, learning.max_length, out)
    finish(run)
    return report | scores


def teacher_logits(teacher: Classifier, rows: list[dict], examples: Sequence[Example], cache: Path, identity: dict) -> np.ndarray:
    """The teacher's logits of the training rows, float32 (rows, outputs): read back if this teacher and data had them.

    They stand in `cache`/teacher, in a file whose name holds their key; another teacher, data set or length has another key,
    and what was kept under the old one is removed.

    Raises:
        UserError: a logit is not finite (the row is named).
    """
    folder = cache / "teacher"  # of its own: a run's checkpoints belong to another identity
    key = claim(folder, {name: identity[name] for name in ("teacher", "train")} | {"ids": _ids(rows)})
    path = folder / f"teacher_logits-{key[:16]}.npy"
    kept = _kept(path)
    if kept is not None and kept.shape == (len(rows), teacher.task.outputs):
        return kept
    logits = logits_of(on_device(teacher.model), rows, pad_id_of(teacher.tokenizer))
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
