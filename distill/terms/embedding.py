"""Embeddings: the student's, seen through W_e where the widths differ, follow the teacher's."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from transformers import PreTrainedConfig

from pocketbert.distill.capture import EMBEDDINGS, Captured
from pocketbert.distill.projection import new_projection
from pocketbert.distill.terms import Pairs
from pocketbert.distill.terms.hidden import hidden_loss


@dataclass(frozen=True)
class Options:
    """None of its own."""


class Term(nn.Module):
    """`embedding_loss`; no layer is looked at."""

    student_needs = teacher_needs = frozenset({EMBEDDINGS})

    def __init__(self, options: Options, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None:
        super().__init__()
        self.projection = new_projection(student, teacher)

    def forward(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        return embedding_loss(seen.states[EMBEDDINGS], wanted.states[EMBEDDINGS], mask, self.projection)


def embedding_loss(
    student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, projection: torch.Tensor | None
) -> torch.Tensor:
    """Mean squared difference of what enters the first layer, over the tokens that exist.

    Args:
        student: (batch, tokens, student hidden), after the embedding's layer norm.
        teacher: (batch, tokens, teacher hidden), likewise.
        mask: (batch, tokens), 1 for a token, 0 for padding.
        projection: W_e, (student hidden, teacher hidden); None where the widths are equal and none is wanted.

    Returns:
        A scalar, float32: the mean over valid tokens and over the teacher's width.

    Raises:
        ValueError: the widths differ and no projection is given.

    Reference:
        TinyBERT (arXiv 1909.10351), equation 9: L_embd = MSE(E_S W_e, E_T).

    Differences from the reference code:
        As for hidden states: padding does not count, W_e has no bias and is its own.

    Example:
        losses: {embedding: {weight: 1}}
    """
    return hidden_loss(student, teacher, mask, projection)
