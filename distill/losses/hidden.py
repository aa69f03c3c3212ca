"""Hidden states: the student's, seen through W_h, follow the teacher's."""

from __future__ import annotations

import torch


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
        Equation 8: L_hidn = MSE(H_S W_h, H_T).

    Differences from the reference code:
        Padding does not count (the code averages over it). W_h has no bias and each layer has its own (the code shares
        one biased linear layer among the embedding and all layers); equal widths need none, so that a student that
        equals its teacher has loss zero.
    """
    # Autocast would multiply in bfloat16, whose three digits leave a loss where there is no difference.
    with torch.autocast(student.device.type, enabled=False):
        seen = student.float()  # (batch, tokens, student hidden)
        if projection is not None:
            seen = seen @ projection.float()  # (batch, tokens, teacher hidden)
        if seen.shape != teacher.shape:
            raise ValueError(f"hidden states of shapes {tuple(seen.shape)} and {tuple(teacher.shape)} need a projection")
        squares = (seen - teacher.float()).square().mean(-1)  # (batch, tokens)
        valid = mask.to(squares.dtype)  # (batch, tokens)
        return (squares * valid).sum() / valid.sum()
