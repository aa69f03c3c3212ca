"""The mean over a batch that may be spread over several processes."""

from __future__ import annotations

import torch
from torch import distributed


def batch_mean(values: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted mean over the whole batch, whatever part of it each process has.

    Processes average their gradients, but a mean of means is not the mean where their parts have different numbers of tokens. So
    each divides by the weight of all parts over the number of processes: the average of what they return is the mean, and that of
    their gradients is its gradient.

    Args:
        values: any shape, float32.
        weights: the same shape; 0 for what must not count.

    Returns:
        A scalar; in one process the weighted mean.
    """
    whole = weights.sum()
    if distributed.is_available() and distributed.is_initialized():
        whole = whole.detach().clone()
        distributed.all_reduce(whole)
        whole = whole / distributed.get_world_size()
    return (values * weights).sum() / whole
