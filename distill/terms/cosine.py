"""Cosine: the student's last hidden states point where the teacher's do."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedConfig

from pocketbert.distill.capture import Captured
from pocketbert.distill.processes import batch_mean
from pocketbert.distill.projection import new_projection, projected
from pocketbert.distill.terms import Pairs


@dataclass(frozen=True)
class Options:
    """None of its own."""


class Term(nn.Module):
    """`cosine_loss` of the two last layers, whatever the layer map."""

    def __init__(self, options: Options, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None:
        super().__init__()
        self.layers = ("hidden", student.num_hidden_layers - 1), ("hidden", teacher.num_hidden_layers - 1)
        self.student_needs, self.teacher_needs = (frozenset({layer}) for layer in self.layers)
        self.projection = new_projection(student, teacher)

    def forward(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        return cosine_loss(seen.states[self.layers[0]], wanted.states[self.layers[1]], mask, self.projection)


def cosine_loss(
    student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, projection: torch.Tensor | None
) -> torch.Tensor:
    """1 - cos of the angle between the hidden states of a token, over the tokens that exist.

    Args:
        student: (batch, tokens, student hidden), any floating type; compared in float32.
        teacher: (batch, tokens, teacher hidden).
        mask: (batch, tokens), 1 for a token, 0 for padding.
        projection: (student hidden, teacher hidden); None where the widths are equal and none is wanted.

    Returns:
        A scalar, float32, from 0 (the same directions) to 2: the mean over valid tokens.

    Raises:
        ValueError: the widths differ and no projection is given.

    Reference:
        DistilBERT (arXiv 1910.01108), section 3: the cosine embedding loss L_cos.

    Differences from the reference code:
        None where the widths are equal; the code takes no others. Its two other losses are a language model's: see
        distill/methods/distilbert.yaml.

    Example:
        losses: {cosine: {weight: 0.2}}
    """
    angles = 1 - functional.cosine_similarity(projected(student, teacher, projection), teacher.float(), -1)  # (batch, tokens)
    return batch_mean(angles, mask.to(angles.dtype))
