"""What is wrong in a user's YAML, in words: where it stands, and the nearest thing that would be right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pocketbert.tasks import UserError

# where a union of sections or values is meant, pydantic puts the name of each tried member into the location
TYPE_TAGS = ("literal[", "list[", "tuple[", "function-", "constrained-", "[key]")
NO_SECTION = ("model_type", "model_attributes_type", "dataclass_type", "dict_type")
# what other tools call a key of ours
ELSEWHERE = {"valid": "dev", "validation": "dev", "eval": "dev", "lr": "learning_rate", "num_train_epochs": "epochs"}
# what pydantic calls an unknown key of a model and of a dataclass
UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")


def read_yaml(path: Path, missing: str, other: str) -> tuple[yaml.Node, dict[str, Any]]:
    """A YAML file with one mapping in it: as nodes, which know their lines, and as values.

    Args:
        path: of the file.
        missing: what to say where it is not there.
        other: what to say where it holds something else.

    Raises:
        UserError: it cannot be read, is not YAML, or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: {missing}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}).") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_repeated_keys(path, node)
        content = yaml.safe_load(text)
    except RecursionError:
        why = "it is nested too deeply, or an alias lies within itself"
        raise UserError(f"{path}: not YAML that can be read here ({why}).") from None
    except ValueError as error:  # a date that is none, such as 2024-13-45
        raise UserError(f"{path}: not YAML ({error}); put quotes around it if it is a text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{where}: not YAML ({getattr(error, 'problem', error)}).") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: {other}")
    return node, content


def _refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML forbids a key twice in one mapping; PyYAML silently takes the last."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UserError(f"{path}, line {line}: not YAML that can be read here (a key must be a single word).")
            if key.value in seen:
                raise UserError(f'{path}, line {line}: duplicate key "{key.value}", first on line {seen[key.value]}.')
            seen[key.value] = line
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            _refuse_repeated_keys(path, entry)


def explain(path: Path, node: yaml.Node, entry: ErrorDetails, section: type, under: Sequence[str | int] = ()) -> str:
    """What pydantic found wrong, by file, line and key; for an unknown key with the nearest known one.

    Args:
        path, node: the file and what `read_yaml` found in it.
        entry: one of a ValidationError's.
        section: what was validated.
        under: keys of the file under which it stands.
    """
    inner = location(entry)
    keys = [*under, *inner]
    line, name = _line_of(node, keys), ".".join(map(str, keys))
    if entry["type"] not in UNKNOWN_KEY:
        if entry["type"] == "missing":
            return f'{path}, line {line}: the key "{name}" is missing.'
        where = f'{path}, line {line}, key "{name}"' if name else f"{path}"
        found = "" if isinstance(entry["input"], dict) else f" (found {shown(entry['input'])})"
        return f"{where}: {words(entry)}{found}."
    known = known_keys(section, inner[:-1])
    key = str(keys[-1])
    near = [ELSEWHERE[key]] if ELSEWHERE.get(key) in known else difflib.get_close_matches(key, known, 1, 0.7)
    homes = _homes(section, key)
    if near:
        hint = f'did you mean "{near[0]}"?'
    elif homes:
        hint = f"it belongs under {' or '.join(homes)}."
    else:
        hint = f"known keys here: {', '.join(known)}."
    return f'{path}, line {line}: unknown key "{name}"; {hint}'


def location(entry: ErrorDetails) -> tuple[str | int, ...]:
    """The keys of the value that is wrong."""
    return tuple(key for key in entry["loc"] if isinstance(key, int) or not key.startswith(TYPE_TAGS))


def once(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """A value that may be "auto" or something else, and is neither, is said once: what else it may be, and that auto would do."""
    found: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    for entry in errors:
        found.setdefault(location(entry), []).append(entry)
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
    if entry["type"] == "string_pattern_mismatch":  # only names have patterns
        return "is to be a name of lower-case letters, digits, and . _ - between them"
    if entry["type"] == "too_short":  # what may not be short may not be empty
        return "needs at least one entry"
    return entry["msg"].removeprefix("Value error, ")


def shown(value: Any) -> str:
    """As YAML has it: null and true rather than None and True."""
    return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)


def _line_of(node: yaml.Node, keys: Sequence[str | int]) -> int:
    """The line (from 1) of the key, or of the nearest enclosing thing that is in the file."""
    line = node.start_mark.line + 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line


def known_keys(section: Any, keys: Sequence[str | int]) -> list[str]:
    """The keys of the section that lies under `keys`; none where a value lies there."""
    for key in keys:
        annotation = get_type_hints(section).get(str(key))
        if annotation is None:  # a name of the user's own, in a mapping of sections
            continue
        parts = [annotation, *getattr(annotation, "__args__", ())]  # `Section | None` hides the section in its arguments
        section = next((part for part in parts if isinstance(part, type) and _is_section(part)), None)
        if section is None:
            return []
    return list(section.model_fields if issubclass(section, BaseModel) else (entry.name for entry in fields(section)))


def _is_section(part: type) -> bool:
    return issubclass(part, BaseModel) or is_dataclass(part)


def _homes(section: type, key: str, under: tuple[str, ...] = ()) -> list[str]:
    """What has a key of this name in it, by the keys that lead there."""
    found = []
    for name in known_keys(section, under):
        inner = (*under, name)
        found += [".".join(inner)] if key in known_keys(section, inner) else []
        found += _homes(section, key, inner)
    return found
