"""Resident memory of one file in a process of its own. Runs in bench/child.py, never beside another model."""

from __future__ import annotations

import re
from pathlib import Path

from pocketbert.bench.runtimes import engine_of, preload
from pocketbert.bench.texts import of_lengths
from pocketbert.edge_export.artifact import open_artifact, start

STATUS = Path("/proc/self/status")
LENGTHS = (8, 16, 32, 64, 128, 256, 512)
ROUNDS = 3  # after the second, neither runtime's arenas grow any more


def resident(status: Path = STATUS) -> dict[str, int]:
    """VmRSS, VmHWM and RssAnon of a process in bytes; what the system does not tell is left out."""
    try:
        text = status.read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    found = re.findall(r"^(VmRSS|VmHWM|RssAnon):\s*(\d+) kB", text, re.MULTILINE)
    return {name: int(value) * 1024 for name, value in found}


def measure_memory(path: Path, threads: int, texts: tuple[tuple[str, ...], ...]) -> dict[str, object]:
    """The fields of record.Memory. For a .pte without a C++ compiler only the note: torch would count."""
    if not resident():
        return {"note": "this system has no /proc/self/status"}
    interpreter = resident()["VmRSS"]
    artifact = open_artifact(path)
    engine, note = engine_of(artifact.manifest.container)
    if note:
        return {"note": f"not measured: {note}"}
    preload(artifact.manifest.container)
    rows = of_lengths(artifact, texts, LENGTHS)
    base = resident()["VmRSS"]
    since = _reset_peak()
    session = start(artifact, threads, engine)
    loaded = resident()["VmRSS"]
    for _ in range(ROUNDS):
        for encoded in rows.values():
            session.run(encoded)
        for text in texts:
            session.run(artifact.encode(text))
    now = resident()
    session.close()
    return {
        "interpreter": interpreter,
        "base": base,
        "loaded": loaded,
        "steady": now["VmRSS"],
        "steady_anonymous": now.get("RssAnon"),
        "peak": max(now.get("VmHWM", 0), now["VmRSS"]),
        "peak_since": since,
    }


def _reset_peak() -> str:
    """Sets VmHWM back to what is resident now, where the kernel lets a process do so (proc(5), clear_refs)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return "start"
    return "base"
