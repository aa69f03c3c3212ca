"""The README's table of one real run."""

from __future__ import annotations

from typing import Any

from pocketbert.report.comparison import splits_of
from pocketbert.report.measured import Measured, measurements
from pocketbert.report.shown import NOTHING, listed, show_score
from pocketbert.report.standing import standings
from pocketbert.report.words import failures, footnote, threads
from pocketbert.tasks.markdown import markdown_table

VERSIONS = ("pocketbert", "torch", "executorch", "ai-edge-litert", "onnxruntime")


def readme_table(summary: dict[str, Any]) -> str:
    """A Markdown table, one line a model, and a line that says which command made it, when, where and with what."""
    splits, metric = splits_of(summary), summary.get("metric", "accuracy")
    lines = standings(summary)
    timed = any(line.measured for line in lines)
    against = any(line.against or line.model.failed for line in lines)
    head = ["model", *(f"{metric}, {split}" for split in splits), "size", *(["one text (p50)"] if timed else [])]
    head += (["against the exported teacher"] if against else []) + (["memory"] if timed else [])
    rows = []
    for line in lines:
        row = [line.model.name, *(show_score(metric, line.model.score(split)) for split in splits), line.size]
        row += ([line.p50] if timed else []) + ([line.compared] if against else []) + ([line.memory] if timed else [])
        rows.append(row)
    table = markdown_table(head, [[_plain(cell) for cell in row] for row in rows], texts=1)
    return f"{table}\n\n{_plain(_origin(summary))}"


def _origin(summary: dict[str, Any]) -> str:
    """Where the figures come from; a figure without it is worth nothing."""
    machine, records = summary.get("machine") or {}, measurements(summary)
    where = [str(machine.get("cpu") or "an unnamed CPU")] + ([threads(records[0])] if records else [])
    tools = [f"{name} {version}" for name, version in (summary.get("versions") or {}).items() if name in VERSIONS]
    rows = [f"{part['rows']:,} {split}" for split, part in (summary.get("data") or {}).items() if part and part.get("rows")]
    command, day = summary.get("command", "pocketbert build"), str(summary.get("created", NOTHING))[:10]
    failed = [f"{finding['name']}: {finding['detail']}" for finding in failures(summary)]
    sentences = [f"NOT WORTH SHIPPING: {'; '.join(failed)}."] if failed else []
    sentences += [f"Measured by `{command}` on {', '.join(where)}, {day}."]
    minutes = sum((summary.get("seconds") or {}).values()) / 60
    cores = f" on {machine['cores']} core{'s' * (machine['cores'] != 1)}" if machine.get("cores") else ""
    sentences += [f"All stages took {minutes:.1f} minutes{cores}."] if minutes else []
    sentences += [f"Rows: {listed(rows)}."] if rows else []
    sentences += [f"Versions: {listed(tools)}."] if tools else []
    sentences += _doubts(records)
    if any(record.over_base is not None for record in records):
        sentences.append("Memory is what the model and its buffers add to a process that has loaded runtime and tokenizer.")
    sentences += [footnote(summary)] if footnote(summary) else []
    return " ".join(sentences)


def _doubts(records: list[Measured]) -> list[str]:
    """The bench's own doubts about its timings, each with the models that it concerns."""
    found: dict[str, list[str]] = {}
    for record in records:
        for reason in record.reasons if record.verdict != "valid" else ():
            found.setdefault(reason, []).append(record.title)
    every = {record.title for record in records}
    said = [reason if set(names) == every else f"{reason} ({', '.join(names)})" for reason, names in found.items()]
    return [f"The bench's remarks: {'; '.join(said)}."] if said else []


def _plain(value: str) -> str:
    """Names and messages are a user's: nothing in them is markup."""
    return value.replace("\n", " ").replace("<", "&lt;")
