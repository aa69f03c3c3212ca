"""First stage: the student's embeddings, attention scores and hidden states follow the teacher's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import nn
from transformers import PreTrainedModel

from pocketbert.distill.capture import Capture, Captured, layout_of
from pocketbert.distill.disk import folder_fingerprint
from pocketbert.distill.folders import Classifier, read_classifier, write_classifier
from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.layer_map import layer_pairs
from pocketbert.distill.losses.attention import attention_loss
from pocketbert.distill.losses.embedding import embedding_loss
from pocketbert.distill.losses.hidden import hidden_loss
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.precision import device
from pocketbert.distill.texts import encode, inputs_of
from pocketbert.distill.training import Objective, Run, finish, train
from pocketbert.tasks import Example, UserError, fingerprint


@dataclass(frozen=True)
class IntermediateOptions:
    """Settings of the intermediate stage."""

    train: TrainOptions = field(
        default_factory=lambda: TrainOptions(epochs=10, schedule="constant", warmup=0.0, keep="last")
    )
    """How it trains; the rate is constant, as in TinyBERT's code."""

    layer_map: str | tuple[int, ...] = "uniform"
    """Which teacher layer each student layer follows: "uniform", "top", "bottom", "last", or a list."""

    attention_weight: float = 1.0
    """Weight of the sum of the attention losses; 0 where teacher and student differ in heads."""

    hidden_weight: float = 1.0
    """Weight of the sum of the hidden-state losses."""

    embedding_weight: float = 1.0
    """Weight of the embedding loss."""


class Intermediate(Objective):
    """Sum of the three losses over the matched layers (equations 7 to 9), with W_e and W_h where the widths differ."""

    def __init__(
        self,
        student: PreTrainedModel,
        teacher: PreTrainedModel,
        pairs: tuple[tuple[int, int], ...],
        weights: tuple[float, float, float],
        seed: int,
    ) -> None:
        """`weights` are those of attention, hidden states and embedding; `seed` is the projections'."""
        super().__init__()
        self.student, self.pairs, self.weights = student, pairs, weights
        # In a tuple the teacher is no sub-module: not trained, not saved, not switched to train mode.
        self._teacher = (teacher.eval().requires_grad_(False),)
        widths = student.config.hidden_size, teacher.config.hidden_size
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.projections = nn.ParameterDict()
            if widths[0] != widths[1]:
                names = ["embedding", *(str(layer) for layer, _ in pairs)]
                # The spread that keeps a projected state as large as the state it comes from.
                self.projections.update({name: torch.randn(widths) * widths[0] ** -0.5 for name in names})
        self._student_capture = Capture(student, [layer for layer, _ in pairs], weights[0] > 0)
        self._teacher_capture = Capture(teacher, [layer for _, layer in pairs], weights[0] > 0)

    def forward(self, **batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        mask = batch["attention_mask"]  # (batch, tokens)
        teacher, student = self._teacher[0], self.student
        with torch.inference_mode():
            teacher.base_model(**inputs_of(teacher, batch))
            wanted = self._teacher_capture.take()
        student.base_model(**inputs_of(student, batch))
        parts = self._parts(self._student_capture.take(), wanted, mask)
        weights = dict(zip(("att", "hid", "emb"), self.weights, strict=True))
        return sum(weights[name] * part for name, part in parts.items()), parts

    def _parts(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> dict[str, torch.Tensor]:
        w = self.projections
        attention, hidden, embedding = self.weights
        parts = {}
        if attention:
            parts["att"] = sum(attention_loss(seen.scores[s], wanted.scores[t], mask) for s, t in self.pairs)
        if hidden:
            parts["hid"] = sum(
                hidden_loss(seen.hidden[s], wanted.hidden[t], mask, w[str(s)] if len(w) else None) for s, t in self.pairs
            )
        if embedding:
            projection = w["embedding"] if len(w) else None
            parts["emb"] = embedding_loss(seen.embeddings, wanted.embeddings, mask, projection)
        return parts


def intermediate(
    teacher: Path,
    student: Path,
    train_set: Sequence[Example],
    out: Path,
    options: IntermediateOptions,
    checkpoints: Path,
) -> dict:
    """Trains the folder `student` into `out`; labels are not looked at, and the projections are dropped.

    Returns:
        What `train` returns, and "layers": the matched (student, teacher) pairs.

    Raises:
        UserError: the two do not fit (vocabulary, heads, layers), or data or disk do not allow it.
    """
    if not train_set:
        raise UserError("the training data is empty.")
    taught, learning = read_classifier(teacher), read_classifier(student)
    check_pair(taught, learning)
    pairs = _fitting(taught, learning, options)
    if options.train.freeze_embeddings:
        freeze_embeddings(learning.model)
    rows = encode(learning.tokenizer, train_set, learning.max_length).rows
    weights = options.attention_weight, options.hidden_weight, options.embedding_weight
    objective = Intermediate(learning.model, taught.model.to(device()), pairs, weights, options.train.seed)
    identity = {
        "stage": "intermediate",
        "teacher": folder_fingerprint(teacher),
        "student": folder_fingerprint(student),
        "train": fingerprint(train_set),
        "layers": pairs,
        "weights": asdict(options) | {"train": None},
    }
    run = Run("distill intermediate", options.train, checkpoints, identity, learning.tokenizer.pad_token_id)
    report = train(objective, rows, run, None)
    write_classifier(learning.model, learning.tokenizer, learning.task, learning.max_length, out)
    finish(run)
    return report | {"layers": [list(pair) for pair in pairs]}


def check_pair(teacher: Classifier, student: Classifier) -> None:
    """Raises a UserError where teacher and student would not read the same ids or mean other things by their logits."""
    if teacher.tokenizer.get_vocab() != student.tokenizer.get_vocab():
        raise UserError("teacher and student have different vocabularies; make the student from this teacher.")
    if teacher.task.to_dict() != student.task.to_dict():
        raise UserError(f"teacher and student have different tasks: {teacher.task} and {student.task}.")
    if student.max_length > teacher.max_length:
        raise UserError(f"the student's max_length {student.max_length} is more than the teacher's {teacher.max_length}.")


def _fitting(teacher: Classifier, student: Classifier, options: IntermediateOptions) -> tuple[tuple[int, int], ...]:
    if min(options.attention_weight, options.hidden_weight, options.embedding_weight) < 0 or not (
        options.attention_weight or options.hidden_weight or options.embedding_weight
    ):
        raise UserError("the weights of the intermediate stage must not be below zero, and one must be above.")
    for found in (teacher, student):
        layout_of(found.model)
    heads = [found.model.config.num_attention_heads for found in (teacher, student)]
    if options.attention_weight and heads[0] != heads[1]:
        raise UserError(
            f"the teacher has {heads[0]} attention heads and the student {heads[1]}, and attention is matched head by head; "
            f"give the student {heads[0]} heads, or set the attention weight to 0."
        )
    depths = [found.model.config.num_hidden_layers for found in (student, teacher)]
    return layer_pairs(options.layer_map, *depths)
