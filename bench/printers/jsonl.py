"""Records as JSON, one a line, all samples included: what can be appended to."""

from __future__ import annotations

import json


def render(records) -> str:
    return "".join(json.dumps(record.to_dict(), ensure_ascii=False) + "\n" for record in records)
