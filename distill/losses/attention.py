"""Attention: the student's scores before softmax follow the teacher's, head by head."""

from __future__ import annotations

import torch


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
        Equation 7: L_attn = 1/h sum_i MSE(A_S^i, A_T^i), A before softmax.

    Differences from the reference code:
        The code adds the mask to the scores, replaces every score <= -100 by zero and averages over all pairs: padded
        keys dilute the mean and padded queries count in full. Here neither rows nor columns of padding count. Without
        padding both are the same number.
    """
    if student.shape != teacher.shape:
        raise ValueError(f"attention scores of shapes {tuple(student.shape)} and {tuple(teacher.shape)} cannot be compared")
    squares = (student.float() - teacher.float()).square().mean(1)  # (batch, tokens, tokens)
    valid = mask.to(squares.dtype)  # (batch, tokens)
    pairs = valid[:, :, None] * valid[:, None, :]  # (batch, tokens, tokens)
    return (squares * pairs).sum() / pairs.sum()
