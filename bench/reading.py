"""Records that were made elsewhere, on a phone or another machine, read back for the printers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pocketbert.bench.record import Record
from pocketbert.tasks import UserError


def read_records(path: Path) -> list[Record]:
    """What `bench --format json` or `jsonl` wrote, or the Android app (one record as one line).

    Raises:
        UserError: the file cannot be read, is not JSON, or holds something else than records.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as text ({error}).") from None
    entries = _entries(text, path)
    if not entries:
        raise UserError(f"{path}: holds no bench record.")
    records = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise UserError(f"{path}: entry {number} is no bench record but a JSON {type(entry).__name__}.")
        try:
            records.append(Record.from_dict(entry))
        except UserError as error:
            raise UserError(f"{path}: entry {number}: {error}") from None
    return records


def _entries(text: str, path: Path) -> list[Any]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        pass  # a record a line is no JSON as a whole
    else:
        return whole if isinstance(whole, list) else [whole]
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: neither JSON nor a JSON record a line ({error}).") from None
