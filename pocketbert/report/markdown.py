"""The README's table of one real run."""

from __future__ import annotations

from typing import Any

from pocketbert.report.ladder import NOTHING, listed, show_score, splits_of
from pocketbert.report.measured import measurements
from pocketbert.report.standing import standings
from pocketbert.report.words import threads

VERSIONS = ("pocketbert", "torch", "executorch", "ai-edge-litert", "onnxruntime")


def readme_table(summary: dict[str, Any]) -> str:
    """A Markdown table, one line a model, and a line that says which command made it, when, where and with what."""
    splits, metric = splits_of(summary), summary.get("metric", "accuracy")
    lines = standings(summary)
    timed = any(line.measured for line in lines)
    head = ["model", *(f"{metric}, {split}" for split in splits), "size"]
    head += ["one text (p50)", "against the teacher", "memory"] if timed else []
    rows = []
    for line in lines:
        scores = [show_score(metric, line.rung.score(split) if line.rung else None) for split in splits]
        rows.append([line.name, *scores, line.size, *([line.p50, line.times, line.memory] if timed else [])])
    align = ["---", *["---:"] * (len(head) - 1)]
    table = "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in (head, align, *rows))
    return f"{table}\n\n{_origin(summary)}"


def _origin(summary: dict[str, Any]) -> str:
    """Where the figures come from; a figure without it is worth nothing."""
    machine, records = summary.get("machine") or {}, measurements(summary)
    where = [str(machine.get("cpu") or "an unnamed CPU")] + ([threads(records[0])] if records else [])
    tools = [f"{name} {version}" for name, version in (summary.get("versions") or {}).items() if name in VERSIONS]
    rows = [f"{part['rows']:,} {split}" for split, part in (summary.get("data") or {}).items() if part and part.get("rows")]
    sentences = [f"Measured by `{summary.get('command', 'pocketbert build')}` on {', '.join(where)}, {str(summary.get('created', NOTHING))[:10]}."]
    sentences += [f"Rows: {listed(rows)}."] if rows else []
    sentences += [f"Versions: {listed(tools)}."] if tools else []
    doubted = [record for record in records if record.trusted is False]
    for record in doubted:
        sentences.append(f"The bench does not vouch for the timings of {record.name}: {listed(list(record.reasons)) or 'no reason given'}.")
    if any(record.over_base is not None for record in records):
        sentences.append("Memory is what a process of its own holds above an empty one while it runs.")
    return _cell(" ".join(sentences))


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
