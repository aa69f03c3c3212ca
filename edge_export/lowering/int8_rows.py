"""A table in int8 with one scale a row, as embedding kernels read it."""

from __future__ import annotations

import torch

LEAST_SCALE = 1e-12  # a row of zeros (padding often is one) would divide by 0


def int8_rows(table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Symmetric rounding to -127..127.

    Args:
        table: float32 (rows, width).

    Returns:
        int8 (rows, width) and float32 scale (rows,); row * scale is the table within half a scale.
    """
    scale = (table.abs().amax(1) / 127).clamp_min(LEAST_SCALE)  # (rows,)
    return (table / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale
