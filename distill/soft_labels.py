"""Predictions: the student's logits follow the teacher's."""

from __future__ import annotations

import torch
from torch.nn import functional


def soft_label_loss(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Divergence of the softened predictions, zero where they are equal.

    Args:
        student: (batch, classes) logits; compared in float32.
        teacher: (batch, classes) logits.
        temperature: what both are divided by before softmax; above 1 the unlikely classes weigh more.

    Returns:
        A scalar, float32: the mean over the batch of temperature^2 * KL(teacher || student).

    Raises:
        ValueError: the shapes differ.

    Reference:
        TinyBERT (arXiv 1909.10351), equation 10: L_pred = CE(z_T / t, z_S / t); the factor t^2 is Hinton's (arXiv 1503.02531,
        section 2).

    Differences from the reference code:
        The code averages over classes too (divides by their number) and has no t^2. The teacher's entropy, which has no
        gradient, is taken off: what is left is zero when student and teacher agree. t^2 keeps the gradient's size, and
        so the balance with hard labels, independent of the temperature.
    """
    if student.shape != teacher.shape:
        raise ValueError(f"logits of shapes {tuple(student.shape)} and {tuple(teacher.shape)} cannot be compared")
    seen = functional.log_softmax(student.float() / temperature, -1)  # (batch, classes)
    wanted = functional.log_softmax(teacher.float() / temperature, -1)  # (batch, classes)
    return functional.kl_div(seen, wanted, reduction="batchmean", log_target=True) * temperature**2


def value_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """The regression form: mean squared difference from the teacher's value.

    Args:
        student: (batch, 1) values; compared in float32.
        teacher: (batch, 1) values.

    Returns:
        A scalar, float32: the mean over the batch.

    Raises:
        ValueError: the shapes differ.

    Reference:
        TinyBERT, equation 10, with the squared error in place of the cross-entropy.

    Differences from the reference code:
        The code's regression uses the gold value and no teacher at all.
    """
    if student.shape != teacher.shape:
        raise ValueError(f"values of shapes {tuple(student.shape)} and {tuple(teacher.shape)} cannot be compared")
    return functional.mse_loss(student.float(), teacher.float())
