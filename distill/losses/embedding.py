"""Embeddings: the student's, seen through W_e, follow the teacher's."""

from __future__ import annotations

import torch

from pocketbert.distill.losses.hidden import hidden_loss


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
        Equation 9: L_embd = MSE(E_S W_e, E_T).

    Differences from the reference code:
        As for hidden states: padding does not count, W_e has no bias and is its own.
    """
    return hidden_loss(student, teacher, mask, projection)
