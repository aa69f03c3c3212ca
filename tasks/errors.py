"""The exceptions that a user is meant to read."""

from __future__ import annotations

from typing import ClassVar


class UserError(Exception):
    """What was wrong, where, and what to do: the command prints it and exits with `exit_code`, without a traceback."""

    exit_code: ClassVar[int] = 1


class NotWorth(UserError):
    """Everything worked, and a model is not good enough to go on with or to ship."""

    exit_code: ClassVar[int] = 3
