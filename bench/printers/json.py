"""Records as one JSON list, all samples included."""

from __future__ import annotations

import json


def render(records) -> str:
    return json.dumps([record.to_dict() for record in records], ensure_ascii=False, indent=1) + "\n"
