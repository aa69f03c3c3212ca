"""Tables to read and to paste: one line a record, latency by length, the machine and what speaks against the run."""

from __future__ import annotations

from collections.abc import Sequence

from pocketbert.bench.record import Environment, Record
from pocketbert.tasks.markdown import markdown_table

MEBI = 1 << 20


def render(records: Sequence[Record]) -> str:
    """Markdown; a dash is what was not measured."""
    heads = ("name", "engine", "size", "load", "first", "tokenize", "p50", "p90", "p99", "end to end", "memory", "golden", "run")
    parts = [markdown_table(heads, [_row(record) for record in records])]
    parts.append(
        "Milliseconds; p50, p90, p99 of the forward pass, medians else. Memory: resident over the process without the model, "
        "and the peak of the whole process."
    )
    lengths = sorted({row.length for record in records for row in record.by_length})
    if lengths:
        rows = []
        for record in records:
            found = {row.length: row.p50 for row in record.by_length}
            rows.append([record.name, *(_ms(found.get(length)) for length in lengths)])
        parts.append("Forward pass by length, median ms:")
        parts.append(markdown_table(("tokens", *map(str, lengths)), rows))
    told: dict[str, list[str]] = {}
    for record in records:  # records of one run share their texts and machine: said once
        told.setdefault(_circumstances(record), []).append(record.name)
    parts += [line if len(told) == 1 else f"{', '.join(names)}: {line}" for line, names in told.items()]
    reasons = dict.fromkeys(reason for record in records for reason in record.validity.reasons)
    for reason in reasons:  # what the machine did concerns all of them: said once
        names = [record.name for record in records if reason in record.validity.reasons]
        parts.append(f"{', '.join(names)}: {reason}.")
    parts += [f"{record.name}: {record.memory.note}." for record in records if record.memory.note and record.kind == "artifact"]
    return "\n\n".join(parts) + "\n"


def _row(record: Record) -> list[str]:
    times, memory = record.times, record.memory

    def median(phase: str) -> str:
        return _ms(times[phase].p50 if phase in times else None)

    resident = "–"
    if memory.steady is not None and memory.base is not None and memory.peak is not None:
        resident = f"+{(memory.steady - memory.base) / MEBI:.1f} / {memory.peak / MEBI:.0f} MiB"
    return [
        record.name,
        f"{record.engine} {record.engine_version}".strip(),
        "–" if record.bytes is None else f"{record.bytes / 1e6:.2f} MB",
        median("load"),
        median("first"),
        median("tokenize"),
        *(_ms(getattr(times["forward"], figure)) for figure in ("p50", "p90", "p99")),
        median("end_to_end"),
        resident,
        {True: "ok", False: "FAILED", None: "–"}[record.golden],
        record.validity.verdict,
    ]


def _circumstances(record: Record) -> str:
    texts = record.texts
    return (
        f"Texts: {texts.source}; {texts.count} of {texts.tokens_min} to {texts.tokens_max} tokens, median {texts.tokens_p50:g}. "
        f"Threads: {record.threads}. Machine: {_machine(record.environment)}."
    )


def _machine(environment: Environment) -> str:
    known = [environment.model, environment.cpu, environment.cores and f"{environment.cores} cores", environment.system]
    known += [environment.governor and f"governor {environment.governor}"]
    known += [environment.thermal_worst and f"thermal status at worst {environment.thermal_worst}"]
    known += [environment.battery_after is not None and f"battery {environment.battery_after:.0f} %"]
    known += [environment.charging and "charging"]
    return ", ".join(str(part) for part in known if part) or "unknown"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if value < 10 else f"{value:.1f}"
