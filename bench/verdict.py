"""Whether figures can be trusted, and why not."""

from __future__ import annotations

from typing import Any

from pocketbert.bench.record import Times, Validity
from pocketbert.bench.statistics import spread

RESTLESS = 0.1  # of the median: a quiet machine repeats a text's time within a few percent
FREQUENCY_MOVED = 0.05
HOT = 80.0  # degrees Celsius; a Raspberry Pi begins to throttle there
BUSY = 0.5  # load a core before the measuring begins: another process shares the core half of the time


def validity(
    before: dict[str, Any],
    after: dict[str, Any],
    forward: Times,
    golden: bool | None,
    short: bool,
    notes: tuple[str, ...] = (),
) -> Validity:
    """The verdict on one record.

    Args:
        before, after: environment.state() around the measuring.
        forward: the phase that is judged for restlessness.
        golden: the self-check's outcome in this run, None where there is none.
        short: whether it stopped before both minima were met.
        notes: further reasons for a warning.
    """
    if golden is False:
        return Validity("invalid", ("it does not give its own golden outputs on this machine: a wrong answer has no speed",))
    reasons = list(notes)
    if short:
        reasons.append("it stopped at a limit before it had the least number of runs and seconds")
    restless = spread(forward)
    if restless > RESTLESS:
        reasons.append(f"the same text's time wanders by {restless:.0%} of its median between quartiles")
    load, cores = before.get("load_1min"), before.get("cores") or 1
    if load is not None and load / cores > BUSY:
        reasons.append(f"the machine was busy before: load {load:.1f} on {cores} cores")
    if before.get("governor") not in (None, "performance"):
        reasons.append(f"the CPU governor is {before['governor']}, not performance")
    clock = before.get("mhz"), after.get("mhz")
    if before.get("governor") is not None and None not in clock and abs(clock[1] / clock[0] - 1) > FREQUENCY_MOVED:
        reasons.append(f"the clock moved from {clock[0]:.0f} to {clock[1]:.0f} MHz")
    if (after.get("celsius") or 0) >= HOT:
        reasons.append(f"{after['celsius']:.0f} °C at the end: it may have been throttled")
    return Validity("warn" if reasons else "valid", tuple(reasons))
