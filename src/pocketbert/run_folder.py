"""Stages of a run: each is hashed over what goes into it, skipped while its hash stands, and whole or not there at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.code_version import code_version
from pocketbert.environment import version_of
from pocketbert.tasks import UserError
from pocketbert.tasks.files import put_in_place

if TYPE_CHECKING:
    from rich.console import RenderableType

Say = Callable[["RenderableType"], None]  # a line with rich's markup, or a table


@dataclass(frozen=True)
class StageResult:
    """A finished stage.

    Args:
        folder: what it wrote.
        hash: of everything that went in; stages that build on it take it as an input.
        result: what it returned, as JSON holds it.
        seconds: how long it took when it ran; of tries that were killed, the time up to the last file that they kept.
    """

    folder: Path
    hash: str
    result: Any
    seconds: float


@dataclass(frozen=True)
class RunFolder:
    """One run's folder: one sub-folder per stage, `work/` for checkpoints of stages under way.

    Args:
        path: the folder.
        say: shows one line to the user.
    """

    path: Path
    say: Say

    def stage(
        self,
        name: str,
        inputs: dict[str, Any],
        modules: Sequence[str],
        libraries: Sequence[str],
        work: Callable[[Path, Path], Any],
    ) -> StageResult:
        """Runs a stage, unless it stands already with the same hash.

        Args:
            name: also the sub-folder's.
            inputs: everything that decides the outcome: options, hashes of data and of earlier stages.
            modules: dotted names of modules of pocketbert whose code does the work. A change in them, or in what they import,
                is a change of the stage (`code_version`); so is one in the module in which `work` is written.
            libraries: distributions whose version decides the outcome too.
            work: called with (new folder to write into, folder for checkpoints that outlive a kill); returns JSON.

        Raises:
            UserError: from the work, or the disk is full; a stage that was whole before is still there.
        """
        code = code_version(modules, alone=work.__module__)
        digest = _hash({"inputs": inputs, "code": code, "libraries": {name: version_of(name) for name in libraries}})
        target, record = self.path / name, _record(self.path / name)
        if record and record["hash"] == digest:
            self.say(f"[green]✓[/] {name}: nothing has changed, skipped")
            return StageResult(target, digest, record["result"], record["seconds"])
        checkpoints = self._checkpoints(name, digest)
        fresh = self.path / f".{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        self.say(f"[bold]▶ {name}[/]")
        before, began = _spent_before(checkpoints), time.monotonic()
        try:
            result = work(fresh, checkpoints)
            seconds = round(before + time.monotonic() - began, 1)
            entry = {"hash": digest, "seconds": seconds, "result": result, "inputs": inputs}
            (fresh / "stage.json").write_text(json.dumps(entry, indent=1, default=str), encoding="utf-8")
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise UserError(
                    f"the disk that holds {self.path} is full (stage {name}); free some space and run the same command: "
                    "it goes on where it stopped."
                ) from None
            raise
        put_in_place(fresh, target)
        shutil.rmtree(checkpoints, ignore_errors=True)
        self.say(f"[green]✓[/] {name} in {seconds:.0f} s")
        return StageResult(target, digest, json.loads(json.dumps(result, default=str)), seconds)

    def remove(self, name: str) -> None:
        """Takes away a stage that stands; where none does, nothing happens."""
        shutil.rmtree(self.path / name, ignore_errors=True)

    def _checkpoints(self, name: str, digest: str) -> Path:
        """The stage's own work folder; what another hash left there is removed."""
        folder = self.path / "work" / name
        marker = folder / "hash"
        if not marker.is_file() or marker.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            marker.write_text(digest)
        return folder


@contextlib.contextmanager
def open_run(path: Path, say: Say) -> Iterator[RunFolder]:
    """The run folder, locked against a second command on it.

    Raises:
        UserError: another command works there, or the folder cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / ".lock").open("w")
    except OSError as error:
        raise UserError(f"{path}: cannot be used as run folder ({error.strerror}).") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"{path}: another pocketbert command is at work there; wait until it ends, or give this one another folder."
            ) from None
        yield RunFolder(path, say)


def _spent_before(checkpoints: Path) -> float:
    """Seconds that earlier tries of a stage put into what they left in its folder; notes the start of this try there."""
    note = checkpoints / "tries.json"
    try:
        tries = json.loads(note.read_text(encoding="utf-8"))
        last = max(file.stat().st_mtime for file in checkpoints.rglob("*") if file.is_file())
        spent = tries["spent"] + max(0.0, last - tries["began"])
    except (OSError, ValueError, KeyError):  # the first try, or a kill cut the note
        spent = 0.0
    note.write_text(json.dumps({"spent": spent, "began": time.time()}), encoding="utf-8")
    return spent


def file_hash(path: Path | str) -> str:
    """sha256 of a file, or of all files of a folder by name."""
    path = Path(path)
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        digest.update(file.name.encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _record(folder: Path) -> dict[str, Any] | None:
    try:
        return json.loads((folder / "stage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
