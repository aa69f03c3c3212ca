"""The exceptions that a user is meant to read."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import ClassVar


class UserError(Exception):
    """What was wrong, where, and what to do: the command prints it and exits with `exit_code`, without a traceback."""

    exit_code: ClassVar[int] = 1


class NotWorth(UserError):
    """Everything worked, and a model is not good enough to go on with or to ship."""

    exit_code: ClassVar[int] = 3


def not_installed(what: str, package: str | None, extra: str) -> UserError:
    """What to do where a package of one of pyproject.toml's extras is missing.

    Args:
        what: needs it, for the start of the sentence.
        package: as the ImportError names it.
        extra: that brings it.
    """
    hint = f"pip install -c constraints.txt -e '.[{extra}]'"
    return UserError(f"{what} needs {package or 'packages'} of the extra {extra}; run `{hint}` in the clone of pocketbert.")


def setting(key: str, option: str, value: str = "") -> str:
    """How advice names a setting where it cannot know whether the user wrote a recipe or a command.

    Args:
        key: of the recipe, with its section: "export.quantization".
        option: of the stage's own command: "--quantization".
        value: to give it.
    """
    written, spoken = (f"{key}: {value}", f"{option} {value}") if value else (key, option)
    return f"{written} in a recipe, {spoken} on the command line"


def nearest(name: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown name: the known one that is most like it, else all of them."""
    near = difflib.get_close_matches(name, known, 1, 0.4)
    return f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(known)}."
