"""What the doctor looks at, one file per group: recipe, data, model.

A check is a function: its name is the check's name, its docstring the reason for it, and it yields a `Finding` for each thing it
saw, made by `ok`, `warning` or `failed`. What is not ok says what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from pocketbert.tasks import UserError
from pocketbert.tasks.worth import Finding

Check = Callable[..., Iterator[Finding]]


def ok(detail: str) -> Finding:
    """Something that is as it should be."""
    return Finding("", "ok", detail)


def warning(detail: str, fix: str) -> Finding:
    """Something that makes the result worse; the build goes on."""
    return Finding("", "warning", detail, fix)


def failed(detail: str, fix: str) -> Finding:
    """Something that a build cannot go on with, or that makes its result worthless."""
    return Finding("", "failed", detail, fix)


def name_of(check: Check) -> str:
    """The name that a check's findings carry."""
    return check.__name__.replace("_", " ")


def reason_of(check: Check) -> str:
    """Why the check is made, in a sentence or two."""
    return " ".join((check.__doc__ or "").split())


def run(checks: Iterable[Check], *facts: Any) -> list[Finding]:
    """What the checks find, each about the same facts.

    A UserError in a check is the error that a later stage would have met: the finding is a failed one with its words, which say
    what to do.
    """
    findings = []
    for check in checks:
        try:
            found = list(check(*facts))
        except UserError as error:
            found = [failed(str(error), "what the message says; then `pocketbert doctor` again")]
        findings += [replace(finding, name=name_of(check)) for finding in found]
    return findings


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"{', '.join(known[:most])}{more}"
