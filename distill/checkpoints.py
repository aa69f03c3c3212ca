"""Checkpoints to resume from: which one is whole, and whether it belongs to this run at all."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

from safetensors import SafetensorError, safe_open

from pocketbert.tasks.files import write_file


def newest_whole(folder: Path) -> Path | None:
    """The checkpoint with the highest step that was written to its end, or None.

    A process killed while saving leaves a half-written folder of the highest step; it is passed over.
    """
    found = [(int(m[1]), path) for path in folder.glob("checkpoint-*") if (m := re.fullmatch(r"checkpoint-(\d+)", path.name))]
    return next((path for step, path in sorted(found, reverse=True) if _whole(path, step)), None)


def _whole(path: Path, step: int) -> bool:
    try:
        # Trainer writes this file last; the others are looked at all the same, since a power cut can reorder writes.
        state = json.loads((path / "trainer_state.json").read_text())
        with safe_open(path / "model.safetensors", "pt") as weights:  # checks the header against the file's length
            weights.keys()
        for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
            zipfile.ZipFile(path / name).close()  # torch writes a zip, whose directory stands at the end
    except (OSError, ValueError, SafetensorError, zipfile.BadZipFile):
        return False
    return state.get("global_step") == step


def claim(folder: Path, identity: dict) -> str:
    """Makes the folder belong to this run and returns the run's fingerprint.

    What another run (other data, options or weights) left there is removed: resuming from it would mix the two.
    """
    wanted = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    note = folder / "run.json"
    try:
        same = json.loads(note.read_text())["fingerprint"] == wanted
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same:
        clear(folder)
        for path in [folder / "losses.jsonl", *folder.glob("*.npy")]:
            path.unlink(missing_ok=True)
        write_file(note, json.dumps({"fingerprint": wanted, "run": identity}, indent=1).encode())
    return wanted


def clear(folder: Path) -> None:
    """Removes checkpoints and best weights, which are large; losses and teacher logits stay."""
    for path in folder.glob("checkpoint-*"):
        shutil.rmtree(path, ignore_errors=True)
    (folder / "best.safetensors").unlink(missing_ok=True)
