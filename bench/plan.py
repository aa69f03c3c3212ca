"""How to measure: a frozen set of numbers that stands in every record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pocketbert.bench.baseline import Baseline
from pocketbert.tasks import UserError

Progress = Callable[[int, int], None]  # (done, total)


@dataclass(frozen=True)
class Plan:
    """One measurement. It stops when both minima are met, at the end of a pass over all texts, or at `max_seconds`.

    Args:
        threads: of every runtime.
        min_runs: timed texts a model, at least.
        min_seconds: of timed work a model, at least.
        max_seconds: of timed work a model, after which it stops in the middle of a pass.
        warmup: passes over all texts before the first timed one, in the same process.
        opens: how often a file is opened and run once, for load and first run.
        texts: the texts to measure, each of one or two strings; None takes the first file's golden texts.
        texts_from: what they are, in words, for the record.
        most_texts: more texts than this are thinned out evenly, so that a pass stays short.
        lengths: the token lengths of the latency table, as far as the files take them.
        length_runs: timed runs a length; 0 leaves the table out.
        memory: measure memory, in a process of its own for every file.
        baselines: what the files are held against.
    """

    threads: int = 1
    min_runs: int = 50
    min_seconds: float = 2.0
    max_seconds: float = 60.0
    warmup: int = 1
    opens: int = 5
    texts: tuple[tuple[str, ...], ...] | None = None
    texts_from: str = ""
    most_texts: int = 200
    lengths: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512)
    length_runs: int = 30
    memory: bool = True
    baselines: tuple[Baseline, ...] = ()

    def __post_init__(self) -> None:
        least = {"threads": 1, "min_runs": 1, "opens": 1, "most_texts": 1, "warmup": 0, "length_runs": 0}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise UserError(f"bench: {name} is {getattr(self, name)}; it must be at least {value}.")
        if not 0 <= self.min_seconds <= self.max_seconds:
            raise UserError(f"bench: min_seconds {self.min_seconds} must lie between 0 and max_seconds {self.max_seconds}.")
