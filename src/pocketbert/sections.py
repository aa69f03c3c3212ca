"""What a section of the recipe says about itself: its options with their defaults, meanings and bounds.

A section is a pydantic model or a dataclass; template and docs/options.md are both made with what is here.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_doc import Doc
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
PLAIN = {bool: "true or false", int: "whole number", float: "number", str: "text", type(None): "null"}


@dataclass(frozen=True)
class Option:
    """One key of a section.

    Args:
        name: the key.
        default: its default; REQUIRED where there is none.
        meaning: in a sentence; empty for a section.
        values: what it takes, in words.
        inner: the section that stands under the key, if one does.
    """

    name: str
    default: Any
    meaning: str
    values: str
    inner: type | None


REQUIRED = PydanticUndefined


def options_of(section: type) -> Iterator[Option]:
    """The options of a section, in its order."""
    hints = get_type_hints(section, include_extras=True)
    for name, default in _defaults(section).items():
        hint = hints[name]
        meaning = next((extra.documentation for extra in get_args(hint) if isinstance(extra, Doc)), "")
        inner = next((part for part in _parts(hint) if _is_section(part)), None)
        yield Option(name, default, meaning, _values(hint), inner)


def summary_of(section: type | types.ModuleType) -> str:
    """The first line of its docstring."""
    return (section.__doc__ or "").strip().split("\n")[0]


def shown(value: Any) -> str:
    """A value as it stands in a recipe."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    return "null" if value is None else json.dumps(value, ensure_ascii=False).replace('"', "")


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _is_section(part: Any) -> bool:
    return isinstance(part, type) and (issubclass(part, BaseModel) or is_dataclass(part))


def _defaults(section: type) -> dict[str, Any]:
    if issubclass(section, BaseModel):
        return {name: field.get_default(call_default_factory=True) for name, field in section.model_fields.items()}
    made = section()
    return {entry.name: getattr(made, entry.name) for entry in fields(section)}


def _values(hint: Any) -> str:
    """What the type allows: "number above 0, or auto"."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = ", ".join(_bounds(arguments[1:]))
        return f"{_values(arguments[0])} {bounds}".rstrip()
    if origin is Literal:
        return ", ".join(map(str, arguments))
    if origin in (Union, types.UnionType):
        return ", or ".join(_values(part) for part in arguments)
    if origin in (list, tuple):
        return f"list of: {_values(arguments[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "mapping"
    return PLAIN.get(hint, "section" if _is_section(hint) else str(hint))


def _bounds(extras: tuple[Any, ...]) -> Iterator[str]:
    for extra in extras:
        for inner in getattr(extra, "metadata", ()):  # of pydantic's Field
            yield from _bounds((inner,))
        for name, words in BOUNDS.items():
            bound = getattr(extra, name, None)
            if isinstance(bound, (int, float)) and bound != float("inf"):
                yield f"{words} {bound:,.10g}"
