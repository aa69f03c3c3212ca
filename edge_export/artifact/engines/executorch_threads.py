"""ExecuTorch has one thread pool per process, and every open program keeps a pointer to it.

Replacing the pool under an open program leaves that pointer dangling, so all programs that are open at one time share one
thread count, whichever engine opened them (both engines load the same libexecutorch_threadpool.so).
"""

from __future__ import annotations

import threading

from pocketbert.tasks import UserError

_lock = threading.Lock()
_open: list[int] = []  # the thread count of each open program


def claim(threads: int) -> None:
    """Counts one more open program; `release` must follow.

    Raises:
        UserError: less than one thread, or a program is open with another number.
    """
    if threads < 1:
        raise UserError(f"{threads} threads: at least one is needed.")
    with _lock:
        if _open and _open[0] != threads:
            raise UserError(
                f"a .pte is open in this process with {_open[0]} threads, and ExecuTorch has one thread pool per process: "
                f"close it before opening one with {threads}, or ask for {_open[0]}."
            )
        _open.append(threads)


def release() -> None:
    """Counts one open program less."""
    with _lock:
        _open.pop()
