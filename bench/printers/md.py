"""Records as a Markdown table, one a row."""

from __future__ import annotations

from pocketbert.bench.rows import row


def render(records) -> str:
    rows = [row(record) for record in records]
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(entry.values()) for entry in rows)] if rows else []
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
