"""What a training reads, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch.utils.data import Sampler


@runtime_checkable
class OnDisk(Protocol):
    """Tokenized rows that are not held in memory."""

    @property
    def lengths(self) -> Sequence[int]:
        """Tokens of each."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> dict[str, Any]: ...


Rows = Sequence[dict] | OnDisk


def lengths_of(rows: Rows) -> Sequence[int]:
    """Tokens of each row."""
    return rows.lengths if isinstance(rows, OnDisk) else [len(row["input_ids"]) for row in rows]


class ByLength(Sampler[int]):
    """Row numbers in an order that puts texts of like length into a batch; a function of seed and epoch alone.

    Trainer's own `group_by_length` draws from the global generator, so that a run resumed within an epoch would see that
    epoch in another order.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed, self.epoch = lengths, batch_size, seed, 0

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        # Two streams of seeds must not meet: the multiplier is larger than any number of epochs.
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        # Sorting within fifty batches keeps the batches' membership random, as Trainer does it.
        window = 50 * self.batch_size
        windows = [sorted(order[i : i + window], key=self.lengths.__getitem__) for i in range(0, len(order), window)]
        order = [row for rows in windows for row in rows]
        batches = [order[i : i + self.batch_size] for i in range(0, len(order), self.batch_size)]
        short = [batches.pop()] if len(batches[-1]) < self.batch_size else []  # it must stay last: batches are cut by count
        shuffled = [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]
        return (row for batch in shuffled + short for row in batch)
