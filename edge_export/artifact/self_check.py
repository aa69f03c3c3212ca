"""The golden self-check of docs/artifact.md section 6."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pocketbert.edge_export.artifact.session import Session
from pocketbert.tasks.kinds.classification import Task as Classification


@dataclass(frozen=True)
class GoldenReport:
    """What the self-check found.

    Args:
        ok: nothing failed.
        ids_equal: every text gave the ids that the reference tokenizer gave.
        largest_difference: of any output column from the recorded one.
        tolerance: the largest that the file allows.
        typical: vectors that are within what is typical; three quarters must be.
        failures: one line per failure, at most ten.
    """

    ok: bool
    ids_equal: bool
    largest_difference: float
    tolerance: float
    typical: int
    failures: tuple[str, ...]


def check_golden(session: Session) -> GoldenReport:
    """Tokenizes and runs every golden vector and compares ids, outputs and best labels."""
    golden = session.artifact.golden
    best_matters = isinstance(session.artifact.task, Classification)
    allowed = golden.reproducibility
    failures, largest, typical, ids_equal = [], 0.0, 0, True
    for i, vector in enumerate(golden.vectors):
        encoded = session.artifact.encode(vector.texts)
        same = np.array_equal(encoded.input_ids[0], vector.input_ids) and np.array_equal(
            encoded.token_type_ids[0], vector.token_type_ids
        )
        if not same:
            ids_equal = False
            failures.append(f"vector {i}: the tokenizer gives other ids than when the file was sealed")
            continue
        output = session.run(encoded)
        # in float64: the difference of two float32 numbers, rounded, could fall on the other side of the tolerance
        difference = float(np.abs(output - vector.output.astype(np.float64)).max())
        largest = max(largest, difference) if np.isfinite(difference) else float("inf")
        typical += difference <= allowed.typical
        if not difference <= allowed.largest:  # NaN fails too
            failures.append(f"vector {i}: an output is off by {difference:.3g}, more than {allowed.largest:.3g}")
        elif best_matters and output.argmax() != vector.output.argmax():
            first, second = np.sort(vector.output.astype(np.float64))[::-1][:2]
            if first - second > allowed.largest:
                failures.append(f"vector {i}: another best label than when the file was sealed")
    if ids_equal and not allowed.enough(typical, len(golden.vectors)):
        count = len(golden.vectors)
        off = f"{count - typical} of {count} vectors are off by more than {allowed.typical:.3g}"
        failures.insert(0, f"{off}, and a quarter may be")
    return GoldenReport(not failures, ids_equal, largest, allowed.largest, typical, tuple(failures[:10]))
