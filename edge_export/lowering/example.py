"""What a graph is traced with."""

from __future__ import annotations

import torch

from pocketbert.edge_export.lowering.lowered import Wanted

Inputs = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def example_inputs(wanted: Wanted) -> tuple[Inputs, tuple[dict[int, torch.export.Dim], ...] | None]:
    """Example ids, mask and types, int32 (1, length), whose values do not matter, and the dynamic shapes.

    The length is the static one, or the longest; the shapes are None for a static length and else one symbol from 2 (an
    empty text is its two special tokens) to the longest.
    """
    length = wanted.static_length or wanted.max_length
    zeros, ones = torch.zeros(1, length, dtype=torch.int32), torch.ones(1, length, dtype=torch.int32)
    inputs = (zeros, ones, zeros.clone())
    if wanted.static_length or length == 2:  # a range of one length is that length
        return inputs, None
    return inputs, ({1: torch.export.Dim("n", min=2, max=wanted.max_length)},) * 3
