"""Inference over texts of different lengths, with little padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def shortest_first(lengths: Sequence[int], size: int, run: Callable[[list[int]], np.ndarray]) -> np.ndarray:
    """The outputs of all rows in their own order, computed in batches of rows of about the same length.

    Args:
        lengths: of each row, in tokens.
        size: rows in a batch.
        run: indices of rows, the longest last -> their outputs (rows in the batch, outputs).

    Returns:
        (rows, outputs).
    """
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    found = np.concatenate([run(order[start : start + size]) for start in range(0, len(order), size)])
    outputs = np.empty_like(found)
    outputs[order] = found
    return outputs
