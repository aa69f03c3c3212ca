"""What a row becomes once a task has read it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One labelled (or unlabelled) text or pair of texts.

    Args:
        texts: one string, or two for a sentence pair.
        target: class index for classification, the value for regression, None where the row has no label.
        row: 1 for the first data row of its file; only for messages.
    """

    texts: tuple[str, ...]
    target: int | float | None
    row: int

    @property
    def gold(self) -> int | float:
        """The target of a row that has one.

        Raises:
            ValueError: it has none.
        """
        if self.target is None:
            raise ValueError(f"row {self.row} has no label")
        return self.target


def fingerprint(examples: Sequence[Example]) -> str:
    """sha256 (hex) over texts and targets in order: two files that read the same have the same one."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([*example.texts, example.target], ensure_ascii=True).encode())
        digest.update(b"\n")
    return digest.hexdigest()
