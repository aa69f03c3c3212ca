"""Attention: the student's scores before softmax follow the teacher's, head by head."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from transformers import PreTrainedConfig

from pocketbert.distill.capture import Captured
from pocketbert.distill.processes import batch_mean
from pocketbert.distill.terms import Pairs
from pocketbert.tasks import UserError


@dataclass(frozen=True)
class Options:
    """None of its own."""


class Term(nn.Module):
    """Sum of `attention_loss` over the matched layers."""

    def __init__(self, options: Options, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None:
        super().__init__()
        heads = student.num_attention_heads, teacher.num_attention_heads
        if heads[0] != heads[1]:
            raise UserError(
                f"attention is matched head by head, and the student has {heads[0]} heads, the teacher {heads[1]}; put relation, "
                f"which any numbers of heads fit, in its place (losses: {{embedding: {{}}, hidden: {{}}, relation: {{}}}}), "
                f"or give the student {heads[1]} heads."
            )
        self.pairs = pairs
        self.student_needs = frozenset((kind, s) for s, _ in pairs for kind in ("query", "key"))
        self.teacher_needs = frozenset((kind, t) for _, t in pairs for kind in ("query", "key"))

    def forward(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        return torch.stack([attention_loss(seen.scores(s), wanted.scores(t), mask) for s, t in self.pairs]).sum()


def attention_loss(student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of attention scores over the pairs of tokens that exist.

    Args:
        student: (batch, heads, tokens, tokens), QK^T / sqrt(head size), no mask added; compared in float32.
        teacher: the same shape.
        mask: (batch, tokens), 1 for a token, 0 for padding.

    Returns:
        A scalar, float32: the mean over heads and valid pairs (query and key are both tokens).

    Raises:
        ValueError: the shapes differ, as they do when teacher and student have different numbers of heads.

    Reference:
        TinyBERT (arXiv 1909.10351), equation 7: L_attn = 1/h sum_i MSE(A_S^i, A_T^i), A before softmax.

    Differences from the reference code:
        The code adds the mask to the scores, replaces every score <= -100 by zero and averages over all pairs: padded
        keys dilute the mean and padded queries count in full. Here neither rows nor columns of padding count. Without
        padding both are the same number.

    Example:
        losses: {attention: {weight: 1}}
    """
    if student.shape != teacher.shape:
        raise ValueError(f"attention scores of shapes {tuple(student.shape)} and {tuple(teacher.shape)} cannot be compared")
    squares = (student.float() - teacher.float()).square().mean(1)  # (batch, tokens, tokens)
    valid = mask.to(squares.dtype)  # (batch, tokens)
    pairs = valid[:, :, None] * valid[:, None, :]  # (batch, tokens, tokens)
    return batch_mean(squares, pairs)
