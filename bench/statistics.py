"""Samples to percentiles, and when there are enough of them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pocketbert.bench.record import Phase

CLOCK = 4  # decimals of a ms: 0.1 us, less than two readings of the clock take


def phase_of(samples: list[float], tokens: list[int] | None = None) -> Phase:
    """Summary of samples in ms; percentiles by linear interpolation between the two nearest ranks (numpy's "linear",
    type 7 of Hyndman and Fan 1996), the standard deviation with n - 1.

    Args:
        samples: at least one.
        tokens: length of the text of each, where that matters.
    """
    values = np.asarray(samples, np.float64)
    p50, p90, p95, p99 = (float(value) for value in np.percentile(values, (50, 90, 95, 99)))
    return Phase(
        runs=len(samples),
        mean=float(values.mean()),
        std=float(values.std(ddof=1)) if len(samples) > 1 else 0.0,
        min=float(values.min()),
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        max=float(values.max()),
        samples=tuple(round(float(value), CLOCK) for value in values),
        tokens=tuple(tokens or ()),
    )


def noise_of(samples: list[float], texts: list[int]) -> float | None:
    """How much the same text varies from run to run: the median over texts of (third quartile - first quartile) / median.

    The spread over all samples would not do: texts of different lengths take different times on a quiet machine too.
    Quartiles, so that one interrupted run is no noise (p99 shows it).

    Args:
        samples: ms.
        texts: which text each is of.

    Returns:
        0.02 is a quiet machine; None where no text was run four times.
    """
    by_text: dict[int, list[float]] = defaultdict(list)
    for sample, text in zip(samples, texts, strict=True):
        by_text[text].append(sample)
    spreads = []
    for runs in by_text.values():
        if len(runs) >= 4:
            first, median, third = np.percentile(runs, (25, 50, 75))
            spreads.append((third - first) / median)
    return float(np.median(spreads)) if spreads else None


def enough(runs: int, seconds: float, min_runs: int, min_seconds: float, max_seconds: float, whole_pass: bool) -> bool:
    """Whether to stop: at a whole pass over the texts once both minima are met (part of one would favour its texts), or
    when the longest time is up."""
    return seconds >= max_seconds or (whole_pass and runs >= min_runs and seconds >= min_seconds)
