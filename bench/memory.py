"""Resident memory of one file in a process of its own: `python -m pocketbert.bench.memory FILE THREADS ENGINE`.

The base is taken with this package, the tokenizer and the checked seal in memory: what every container needs alike. What
comes on top is the runtime's libraries, the model and its buffers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pocketbert.bench.record import Memory
from pocketbert.bench.texts import cut_to, lengths_for, texts_for
from pocketbert.edge_export.artifact import open_artifact, start
from pocketbert.tasks import UserError

RUNS = 20  # at each length; buffers have their final size after the first


def measure_memory(path: Path, threads: int, engine: str) -> Memory:
    """Starts the child and reads what it saw.

    Raises:
        UserError: it failed (its last line is given), or this system has no /proc/self/status.
    """
    command = [sys.executable, "-m", "pocketbert.bench.memory", str(path), str(threads), engine]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise UserError(f"memory of {path.name} could not be measured: {lines[-1]}")
    return Memory(**json.loads(done.stdout.splitlines()[-1]))


def resident(name: str = "VmRSS", status: Path = Path("/proc/self/status")) -> int:
    """VmRSS (now) or VmHWM (at most) of this process, in bytes.

    Raises:
        UserError: the system does not say.
    """
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")]
    if not found:
        raise UserError(f"this system does not tell {name} in {status}")
    return found[0]


def _main(path: str, threads: str, engine: str) -> None:
    artifact = open_artifact(path)
    texts = texts_for(artifact, ())
    encoded = [cut_to(artifact, texts, n) for n in lengths_for(artifact)]
    base = resident()
    with start(artifact, int(threads), engine) as session:
        loaded = resident()
        for found in encoded:
            for _ in range(RUNS):
                session.run(found)
        seen = {"base": base, "loaded": loaded, "steady": resident(), "peak": resident("VmHWM")}
    print(json.dumps(seen))


if __name__ == "__main__":
    _main(*sys.argv[1:])
