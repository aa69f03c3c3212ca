"""All records with all samples, as one JSON list."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pocketbert.bench.record import Record


def render(records: Sequence[Record]) -> str:
    """Read back with `Record.from_dict` for each entry."""
    return json.dumps([record.to_dict() for record in records], ensure_ascii=False, indent=1, allow_nan=False) + "\n"
