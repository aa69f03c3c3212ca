"""Hidden states: the student's, seen through W_h where the widths differ, follow the teacher's."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from transformers import PreTrainedConfig

from pocketbert.distill.capture import Captured
from pocketbert.distill.processes import batch_mean
from pocketbert.distill.projection import new_projection, projected
from pocketbert.distill.terms import Pairs


@dataclass(frozen=True)
class Options:
    """None of its own."""


class Term(nn.Module):
    """Sum of `hidden_loss` over the matched layers."""

    def __init__(self, options: Options, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None:
        super().__init__()
        self.pairs = pairs
        self.student_needs = frozenset(("hidden", s) for s, _ in pairs)
        self.teacher_needs = frozenset(("hidden", t) for _, t in pairs)
        self.projections = nn.ParameterDict({str(s): new_projection(student, teacher) for s, _ in pairs})

    def forward(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        losses = [
            hidden_loss(seen.states["hidden", s], wanted.states["hidden", t], mask, self.projections[str(s)])
            for s, t in self.pairs
        ]
        return torch.stack(losses).sum()


def hidden_loss(
    student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, projection: torch.Tensor | None
) -> torch.Tensor:
    """Mean squared difference of two hidden states over the tokens that exist.

    Args:
        student: (batch, tokens, student hidden), any floating type; compared in float32.
        teacher: (batch, tokens, teacher hidden).
        mask: (batch, tokens), 1 for a token, 0 for padding.
        projection: W_h, (student hidden, teacher hidden); None where the widths are equal and none is wanted.

    Returns:
        A scalar, float32: the mean over valid tokens and over the teacher's width.

    Raises:
        ValueError: the widths differ and no projection is given.

    Reference:
        TinyBERT (arXiv 1909.10351), equation 8: L_hidn = MSE(H_S W_h, H_T).

    Differences from the reference code:
        Padding does not count (the code averages over it). W_h has no bias and each layer has its own (the code shares
        one biased linear layer among the embedding and all layers); equal widths need none, so that a student that
        equals its teacher has loss zero.

    Example:
        losses: {hidden: {weight: 1}}
    """
    squares = (projected(student, teacher, projection) - teacher.float()).square().mean(-1)  # (batch, tokens)
    return batch_mean(squares, mask.to(squares.dtype))
