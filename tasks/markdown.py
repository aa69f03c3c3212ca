"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int | None = None) -> str:
    """One line per row.

    Args:
        head, rows: cells; a pipe is escaped and a line break becomes a space.
        texts: so many columns from the left are aligned as texts, the others as numbers; None: all are texts.
    """
    texts = len(head) if texts is None else texts
    align = [*["---"] * texts, *["---:"] * (len(head) - texts)]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in (head, align, *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
