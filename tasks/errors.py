"""The one exception that a user is meant to read."""

from __future__ import annotations


class UserError(Exception):
    """What was wrong, where, and what to do: the command prints it and exits non-zero, without a traceback."""
