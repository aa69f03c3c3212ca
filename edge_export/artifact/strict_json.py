"""JSON as docs/artifact.md has it: what two parsers could read in two ways is refused."""

from __future__ import annotations

import json
import math
from typing import Any

from pocketbert.tasks import UserError

MAX_DEPTH = 64


def parse_json(data: bytes, name: str) -> Any:
    """The value in these bytes, without the keys whose value is null.

    Raises:
        UserError: names the entry. Not UTF-8 or not JSON, a key that stands twice, NaN, Infinity or a number past float64,
            half a surrogate pair, or more than 64 lists and objects within each other.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        _check(value, 0)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is not valid JSON: {error}.") from None
    return value


def shortened(text: str, most: int = 70) -> str:
    """The text as an error message may quote it: a file can hold a name of a million characters."""
    return text if len(text) <= most else text[:most] + "…"


def _object(items: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in items}) != len(items):
        raise ValueError("duplicate key")
    for key, _ in items:
        key.encode()  # half a surrogate pair raises
    # so a reader has one case less than JSON: a key is there with a value, or not there
    return {key: value for key, value in items if value is not None}


def _constant(value: str) -> None:
    raise ValueError(f"{value} is not a JSON number")


def _fits_float64(value: int | float) -> bool:
    try:
        return math.isfinite(float(value))  # an integer a little past the largest float64 is rounded to it
    except OverflowError:
        return False


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, (int, float)):
        if not _fits_float64(value):
            raise ValueError("a number is past float64")
    elif isinstance(value, (list, dict)):
        if depth == MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} lists and objects stand within each other")
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth + 1)
