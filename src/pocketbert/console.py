"""One console for what a command says (standard error) and one for what it answers (standard output)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Off a terminal rich assumes 80 columns, and would cut tables and paths that a log or a pipe has room for.
talk = Console(stderr=True, highlight=False, soft_wrap=True, width=None if sys.stderr.isatty() else 160)
answer = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)


def say(line: RenderableType) -> None:
    """Shows one line, or anything that rich can show."""
    talk.print(line)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere; yields a function that takes (done, total), until then the bar only pulses."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=talk, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
