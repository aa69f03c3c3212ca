"""Several processes that train as one, each on its part of every batch."""

from __future__ import annotations

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from torch import distributed

from pocketbert.distill.precision import device


def processes() -> PartialState:
    """The processes that train together: one, unless `torchrun` or `accelerate launch` started this one among several."""
    return PartialState(cpu=device().type == "cpu")


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


def averaged(parts: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Scalars by name, each the mean over the processes: of what `batch_mean` returns that is the value of the whole batch."""
    if processes().num_processes == 1:
        return parts
    values = torch.stack([part.float() for part in parts.values()])
    distributed.all_reduce(values)
    return dict(zip(parts, (values / processes().num_processes).unbind(), strict=True))


def agreed(due: bool) -> bool:
    """What the main process says: clocks differ, and a checkpoint takes all of them."""
    if processes().num_processes == 1:
        return due
    answer = [due]
    broadcast_object_list(answer)
    return answer[0]
