"""Asks bench/child.py for a measurement and waits for the answer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from pocketbert.tasks import UserError

# -c, as -m does, puts the user's folder first on the module path, where a tasks.py or numpy.py of theirs would be taken for
# the real one. It is taken out before anything is imported: Python's own -P and PYTHONSAFEPATH begin with 3.11.
START = """
import sys
if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]
from pocketbert.bench.child import main
sys.exit(main())
"""
COMMAND = (sys.executable, "-c", START)


def ask(request: dict[str, Any], progress: Callable[[float], None] = lambda share: None) -> dict[str, Any]:
    """The child's answer.

    Args:
        request: with the key "job", see bench/child.py.
        progress: called with 0..1.

    Raises:
        UserError: the child refused in words, or ended without an answer (its last words are quoted).
    """
    answer: dict[str, Any] | None = None
    with tempfile.TemporaryFile("w+", errors="replace") as words:
        child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True)
        assert child.stdin is not None and child.stdout is not None  # both are pipes
        try:
            child.stdin.write(json.dumps(request))
            child.stdin.close()
            for line in child.stdout:
                said = json.loads(line)
                if "share" in said:
                    progress(said["share"])
                elif "refused" in said:
                    raise UserError(said["refused"])
                else:
                    answer = said["done"]
        except BrokenPipeError:
            answer = None  # it ended before it had read; how is told below
        finally:
            child.stdout.close()
            if answer is None:
                child.terminate()
            code = child.wait()
        if answer is None:
            words.seek(0)
            raise UserError(f"the measuring process ended without an answer ({_ending(code)}):\n{_last(words.read())}")
    return answer


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


def _last(words: str) -> str:
    return "\n".join(words.strip().splitlines()[-15:]) or "it said nothing"
