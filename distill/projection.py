"""Where student and teacher differ in width: the matrix through which the student's states are compared."""

from __future__ import annotations

import torch
from torch import nn
from transformers import PreTrainedConfig


def new_projection(student: PreTrainedConfig, teacher: PreTrainedConfig) -> nn.Parameter | None:
    """W, (student hidden, teacher hidden), drawn from the global generator; None where the widths are equal."""
    widths = student.hidden_size, teacher.hidden_size
    if widths[0] == widths[1]:
        return None
    # The spread that keeps a projected state as large as the state it comes from.
    return nn.Parameter(torch.randn(widths) * widths[0] ** -0.5)


def projected(student: torch.Tensor, teacher: torch.Tensor, projection: torch.Tensor | None) -> torch.Tensor:
    """The student's states times the projection, in float32.

    Args:
        student: (..., student hidden), any floating type.
        teacher: (..., teacher hidden), what they are to be compared with.
        projection: (student hidden, teacher hidden); None where the widths are equal.

    Returns:
        (..., teacher hidden), float32.

    Raises:
        ValueError: the widths differ and no projection is given, or it does not fit.
    """
    seen = student.float()  # (..., student hidden)
    if projection is not None:
        # Autocast would multiply in bfloat16, whose three digits leave a loss where there is no difference.
        with torch.autocast(student.device.type, enabled=False):
            seen = seen @ projection.float()  # (..., teacher hidden)
    if seen.shape != teacher.shape:
        raise ValueError(f"hidden states of shapes {tuple(seen.shape)} and {tuple(teacher.shape)} need a projection")
    return seen
