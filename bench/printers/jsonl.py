"""One record per line with all samples, to be appended to a file of many runs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pocketbert.bench.record import Record


def render(records: Sequence[Record]) -> str:
    """Read back with `Record.from_dict` for each line."""
    return "".join(json.dumps(record.to_dict(), ensure_ascii=False, allow_nan=False) + "\n" for record in records)
