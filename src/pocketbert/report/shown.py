"""How numbers are shown: one form for page, terminal and README, so that the three can be held beside each other."""

from __future__ import annotations

NOTHING = "–"
SHARES = ("accuracy",)  # metrics that people read as a percentage; the others are correlations and means of several


def show_score(metric: str, value: float | None) -> str:
    """97.1 % for accuracy, 0.912 for a correlation; never as if a number were there that was not measured."""
    if value is None:
        return NOTHING
    return f"{100 * value:.1f} %" if metric in SHARES else f"{value:.3f}"


def show_points(metric: str, value: float, other: float) -> str:
    """How far `value` lies above or below `other`, in the metric's own unit: "−1.3 points", "+0.012".

    The gap is that of the rounded figures that stand beside it, so that a reader's subtraction agrees.
    """
    if metric in SHARES:
        gap = round(round(100 * value, 1) - round(100 * other, 1), 1)
        return f"{_signed(gap, 1)} points"
    return _signed(round(round(value, 3) - round(other, 3), 3), 3)


def show_gap(metric: str, value: float, other: float) -> str:
    """The same as a sentence says it: "1.3 points below"."""
    shown = show_points(metric, value, other)
    if shown[0] not in "+−":
        return "level with"
    return f"{shown[1:]} {'above' if shown[0] == '+' else 'below'}"


def _signed(gap: float, digits: int) -> str:
    return f"{'+' if gap > 0 else '−' if gap < 0 else ''}{abs(gap):.{digits}f}"


def show_bytes(count: int | float | None) -> str:
    """MB (10^6 bytes) with one decimal, kB below one MB, GB from ten."""
    if count is None:
        return NOTHING
    if count >= 1e10:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def show_ms(value: float | None) -> str:
    """Milliseconds in three figures, as timings on a shared machine hardly repeat to more."""
    if value is None:
        return NOTHING
    if value < 1:
        return f"{value:.3f} ms"
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def show_count(count: int | None) -> str:
    return NOTHING if count is None else f"{count:,}"


def show_time(stamp: str) -> str:
    """ "2026-11-21 08:00 UTC" of an ISO 8601 time in UTC; another zone's is shown as it stands."""
    return f"{stamp[:10]} {stamp[11:16]} UTC" if stamp.endswith(("+00:00", "Z")) else stamp


def listed(parts: list[str]) -> str:
    """a, b and c."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def spread(low: str, high: str) -> str:
    """ "14.2 to 15.1 MB", or the one value where both are the same; the first unit is dropped where it is the second's."""
    if low == high:
        return low
    number, _, unit = low.partition(" ")
    return f"{number if high.endswith(' ' + unit) else low} to {high}"
