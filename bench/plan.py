"""What is to be measured and when it is enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketbert.tasks import UserError

Forward = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Args:
        threads: of the runtimes.
        min_runs, min_seconds: a subject is done when it has both.
        max_runs: no more samples are kept of one subject; it wins over min_seconds, so that records stay small.
        max_seconds: a subject that is too slow for the minima stops here, and its record says so.
        warmup: runs of each subject in the same process before the first that counts.
        texts: single texts or pairs to measure with; empty: the golden texts of usual length that the first file carries.
        memory: whether to measure memory, in a process of its own for each file.
    """

    threads: int = 1
    min_runs: int = 50
    min_seconds: float = 2.0
    max_runs: int = 500
    max_seconds: float = 60.0
    warmup: int = 5
    texts: tuple[tuple[str, ...], ...] = ()
    memory: bool = True

    def __post_init__(self) -> None:
        if min(self.threads, self.min_runs, self.warmup) < 1 or not 0 < self.min_seconds <= self.max_seconds:
            raise UserError("bench: threads, min_runs and warmup must be at least 1, and 0 < min_seconds <= max_seconds.")
        if self.max_runs < self.min_runs:
            raise UserError(f"bench: max_runs {self.max_runs} is less than min_runs {self.min_runs}.")


@dataclass(frozen=True)
class Baseline:
    """Something to measure with the same ids in the same run.

    Args:
        name: as the record shows it.
        engine: what runs it, with its version.
        forward: int32 ids, mask, types (1, n) -> outputs, in the measuring process; or
        onnx: a plain .onnx for onnxruntime, measured in the process of the sealed files.
        bytes: size of its weights on disk.
    """

    name: str
    engine: str
    forward: Forward | None = None
    onnx: Path | None = None
    bytes: int | None = None
