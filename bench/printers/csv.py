"""Records as CSV (RFC 4180), one a row, without the samples."""

from __future__ import annotations

import csv
import io

from pocketbert.bench.rows import row


def render(records) -> str:
    out = io.StringIO()
    rows = [row(record) for record in records]
    writer = csv.DictWriter(out, rows[0] if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
