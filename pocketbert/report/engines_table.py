"""The table of one run of android_demo/tools/compare_engines.py."""

from __future__ import annotations

from typing import Any


def engines_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a file, and a line that says which command made it, when and where.

    Raises:
        KeyError: the record is not complete.
    """
    head = ("file", "Kotlin, on a desktop JVM", "Python", "tolerance", "off at any length", "off on any row", "other labels")
    rows = [head, ("---", "---", "---", "---:", "---:", "---:", "---:"), *map(_row, record["engines"])]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    first = record["engines"][0]
    text = (
        f"Measured by `{record['command'].split(' --')[0]}` on {record['machine']['cpu'] or 'an unnamed CPU'}, {record['created'][:10]}. "
        f"Lengths: every one from {first['lengths']['min']} to {first['lengths']['max']} tokens. Rows: {first['data']['rows']:,} of "
        f"`{first['data']['file']}`. Differences are in logits; the tolerance is the file's own. Every file's self-check held: "
        f"{_yes(record)}."
    )
    return f"{table}\n\n{text}"


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


def _yes(record: dict[str, Any]) -> str:
    return "yes" if all(engine["self_check"]["ok"] for engine in record["engines"]) else "no"
