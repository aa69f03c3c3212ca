"""Records that were made elsewhere, on a phone or another machine, read back for the printers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pocketbert.bench.record import Record
from pocketbert.tasks import UserError

DIGITS = 19  # of a 64-bit number; the printers divide by powers of two, which longer ones overflow


def read_records(path: Path) -> list[Record]:
    """What `bench --format json` or `jsonl` wrote, or the Android app (one record as one line).

    Raises:
        UserError: the file cannot be read, is not JSON, or holds something else than records.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as text ({error}).") from None
    try:
        entries = _entries(text)
    except (ValueError, RecursionError) as error:  # no JSON, or a number or a nesting beyond any record's
        raise UserError(f"{path}: neither JSON nor a JSON record a line ({error}).") from None
    if not entries:
        raise UserError(f"{path}: holds no bench record.")
    records = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise UserError(f"{path}: entry {number} is not a bench record but a JSON {type(entry).__name__}.")
        try:
            records.append(Record.from_dict(entry))
        except UserError as error:
            raise UserError(f"{path}: entry {number}: {error}") from None
    return records


def _entries(text: str) -> list[Any]:
    try:
        whole = json.loads(text, parse_int=_whole)
    except json.JSONDecodeError:
        return [json.loads(line, parse_int=_whole) for line in text.split("\n") if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a whole number of {len(digits)} digits")
    return int(digits)
