"""The table of one run of android_demo/tools/compare_engines.py."""

from __future__ import annotations

from typing import Any


def engines_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a file, and a line that says which command made it, when and where.

    Raises:
        KeyError: the record is not complete.
    """
    engines, cpu = record["engines"], record["machine"]["cpu"] or "an unnamed CPU"
    head = ("file", "Kotlin, on a desktop JVM", "Python", "tolerance", "off at any length", "off on any row", "other labels")
    rows = [head, ("---", "---", "---", "---:", "---:", "---:", "---:"), *map(_row, engines)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    lengths, data = engines[0]["lengths"], engines[0]["data"]
    held = sum(engine["self_check"]["ok"] for engine in engines)
    sentences = [
        f"Measured by `{record['command'].split(' ')[1]}` on {cpu}, {record['created'][:10]}.",
        f"Lengths: every one from {lengths['min']} to {lengths['max']} tokens. Rows: {data['rows']:,} of `{data['file']}`.",
        "Differences are in logits; the tolerance is the file's own.",
        f"The self-check held for {held} of {len(engines)} files.",
    ]
    return f"{table}\n\n{' '.join(sentences)}"


def _row(engine: dict[str, Any]) -> tuple[str, ...]:
    data = engine["data"]
    return (
        f"`{engine['file']}`",
        f"{engine['kotlin']}; {engine['library']}",
        engine["python"],
        f"{engine['tolerance']:.3f}",
        f"{engine['lengths']['largest_difference']:.3f}",
        f"{data['largest_difference']:.3f}",
        f"{len(data['other_labels'])} of {data['rows']:,}",
    )
