"""What pydantic found wrong with what a user wrote, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

# where a union of sections or values is meant, pydantic puts the name of each tried member into the location
TYPE_TAGS = ("literal[", "list[", "tuple[", "function-", "constrained-", "[key]")
NO_SECTION = ("model_type", "model_attributes_type", "dataclass_type", "dict_type")


def place(entry: ErrorDetails) -> tuple[str | int, ...]:
    """The keys of the value that is wrong."""
    return tuple(key for key in entry["loc"] if isinstance(key, int) or not key.startswith(TYPE_TAGS))


def once(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """One entry per value: where "auto" would do too, the other member's message says so."""
    found: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    for entry in errors:
        found.setdefault(place(entry), []).append(entry)
    kept = []
    for entries in found.values():
        other = [entry for entry in entries if entry.get("ctx", {}).get("expected") != "'auto'"]
        if other and len(other) < len(entries):
            kept.append(ErrorDetails(**{**other[0], "type": "value_error", "msg": f"{words(other[0])}, or auto"}))
        else:
            kept += entries
    return kept


def words(entry: ErrorDetails) -> str:
    """Why the value is wrong."""
    if entry["type"] in NO_SECTION:
        return "must be a section: keys with values"
    if entry["type"] == "string_pattern_mismatch":
        return "is to be a name of lower-case letters, digits, and . _ - between them"
    if entry["type"] == "too_short":
        return "needs at least one entry"
    return entry["msg"].removeprefix("Value error, ")


def shown(value: Any) -> str:
    """As YAML has it: null and true rather than None and True."""
    return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)
