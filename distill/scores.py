"""How often a run is scored on dev."""

from __future__ import annotations

# Often enough for patience to mean something; not so often that scoring takes more than a fifth of the training. A text of dev
# costs about a third of a text of training: no backward pass.
MOST, LEAST = 12, 3
SHARE, FORWARD = 0.2, 1 / 3


def score_count(steps: int, batch_size: int, dev_rows: int) -> int:
    """Dev scores of a run, evenly spread, the last one at its end."""
    if not dev_rows:
        return 0
    return min(max(int(SHARE * steps * batch_size / (FORWARD * dev_rows)), LEAST), MOST, steps)
