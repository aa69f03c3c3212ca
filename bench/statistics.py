"""Samples to figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pocketbert.bench.record import Times

DIGITS = 4  # of a millisecond: 0.1 microsecond, finer than the clock's own cost


def times_of(milliseconds: Sequence[float], tokens: Sequence[int] = ()) -> Times:
    """Mean, spread and percentiles of a phase, with all samples kept.

    Args:
        milliseconds: at least one sample.
        tokens: length of each sample's text, or nothing.
    """
    samples = np.round(np.asarray(milliseconds, np.float64), DIGITS)
    p50, p90, p95, p99 = (float(value) for value in np.percentile(samples, (50, 90, 95, 99)))
    return Times(
        count=len(samples),
        mean=float(samples.mean()),
        std=float(samples.std()),
        low=float(samples.min()),
        high=float(samples.max()),
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        samples=tuple(samples.tolist()),
        tokens=tuple(int(n) for n in tokens),
    )


def enough(runs: int, seconds: float, min_runs: int, min_seconds: float, max_runs: int, max_seconds: float) -> bool:
    """Whether a subject is done: both minima met, or one of the limits."""
    return (runs >= min_runs and seconds >= min_seconds) or runs >= max_runs or seconds >= max_seconds


def spread(times: Times) -> float:
    """How restless a phase was: half the distance between quartiles of each length's samples, over their median.

    Texts of different lengths take different times by nature, so each length is held against itself; the median over the
    lengths that have enough samples is given, 0 where none has.
    """
    by_length: dict[int, list[float]] = {}
    for n, sample in zip(times.tokens or (0,) * times.count, times.samples, strict=True):
        by_length.setdefault(n, []).append(sample)
    found = []
    for samples in by_length.values():
        if len(samples) >= 5:  # below that quartiles say nothing
            low, middle, high = np.percentile(samples, (25, 50, 75))
            found.append((high - low) / 2 / middle)
    return float(np.median(found)) if found else 0.0
