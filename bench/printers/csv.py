"""One row per record for a spreadsheet: summaries without samples; times in ms, memory in bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pocketbert.bench.record import Record

FIGURES = ("runs", "mean", "std", "min", "p50", "p90", "p95", "p99", "max")
PLAIN = ("name", "kind", "file", "sha256", "bytes", "container", "quantization", "engine", "engine_version", "threads")
PHASES = ("open", "load", "first", "tokenize", "forward", "end_to_end")
MEMORY = ("interpreter", "base", "loaded", "steady", "steady_anonymous", "peak")


def render(records: Sequence[Record]) -> str:
    """Empty cells are what was not measured."""
    out = io.StringIO()
    lengths = sorted({row.length for record in records for row in record.by_length})
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [*PLAIN]
        + [f"{phase}_{figure}_ms" if figure != "runs" else f"{phase}_runs" for phase in PHASES for figure in FIGURES]
        + [f"forward_{length}_tokens_p50_ms" for length in lengths]
        + [f"memory_{name}" for name in MEMORY]
        + ["golden", "verdict", "reasons", "cpu", "governor", "measured_at"]
    )
    for record in records:
        times, by_length = record.times, {row.length: row.p50 for row in record.by_length}
        writer.writerow(
            [getattr(record, name) for name in PLAIN]
            + [getattr(times[phase], figure) if phase in times else None for phase in PHASES for figure in FIGURES]
            + [by_length.get(length) for length in lengths]
            + [getattr(record.memory, name) for name in MEMORY]
            + [record.golden, record.validity.verdict, "; ".join(record.validity.reasons)]
            + [record.environment.cpu, record.environment.governor, record.measured_at]
        )
    return out.getvalue()
