"""A record as one flat row: what tables show."""

from __future__ import annotations

from pocketbert.bench.record import Record

MB = 1e6


def row(record: Record) -> dict[str, str]:
    """Column -> text, in order; empty where it was not measured. Times in ms, sizes and memory in MB."""
    times, memory = record.times, record.memory

    def ms(phase: str, figure: str) -> str:
        return f"{getattr(times[phase], figure):.3f}" if phase in times else ""

    return {
        "name": record.name,
        "file": record.file or "",
        "engine": record.engine,
        "threads": str(record.threads),
        "MB": "" if record.bytes is None else f"{record.bytes / MB:.1f}",
        "load": ms("load", "p50"),
        "first": ms("first", "p50"),
        "tokenize p50": ms("tokenize", "p50"),
        **{f"forward {name}": ms("forward", name) for name in ("p50", "p90", "p95", "p99", "mean", "std")},
        "end to end p50": ms("end_to_end", "p50"),
        "runs": str(times["forward"].count),
        "RSS base MB": "" if memory is None else f"{memory.base / MB:.1f}",
        "RSS steady MB": "" if memory is None else f"{memory.steady / MB:.1f}",
        "RSS peak MB": "" if memory is None else f"{memory.peak / MB:.1f}",
        "golden": {True: "equal", False: "WRONG", None: ""}[record.golden],
        "validity": record.validity.verdict,
        "reasons": "; ".join((*record.validity.reasons, *([record.memory_note] if record.memory_note else []))),
    }
