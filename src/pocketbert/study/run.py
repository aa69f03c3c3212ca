"""All cells of a study, one after the other; a finished one is noted, and a killed study goes on with the next."""

from __future__ import annotations

import functools
import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.markup import escape

from pocketbert.code_version import code_version
from pocketbert.environment import versions
from pocketbert.locate import locate
from pocketbert.run_folder import Say, file_hash, open_run
from pocketbert.stages.report import summary_json
from pocketbert.study.cells import ROWS_SEED, Cell, auto_of, baseline_folder, baseline_of, teacher_folder, teacher_of
from pocketbert.study.record import record_of, shown_error
from pocketbert.study.study_file import Study
from pocketbert.study.walk import walk
from pocketbert.tasks import UserError
from pocketbert.tasks.files import write_file

WALK = ("pocketbert.study.walk",)


@dataclass(frozen=True)
class Ran:
    """A study that came to its end.

    Args:
        record: everything that was seen.
        folder: with the record and the table in it.
        failed: titles of the cells that an error ended.
    """

    record: dict[str, Any]
    folder: Path
    failed: tuple[str, ...]


def run_study(study: Study, cells: Sequence[Cell], runs: Path, command: str, say: Say) -> Ran:
    """Runs what is missing, in the folder `runs/study-NAME`; record and table in it are written anew after every cell.

    Args:
        study, cells: what `read_study` read.
        runs: folder of run folders.
        command: what the user typed, for the record.
        say: shows a line.

    Raises:
        UserError: the folder cannot be used, or another command is at work there. What ends a cell does not end the study.
    """
    from pocketbert.report.study_table import study_table

    with open_run(runs / f"study-{study.name}", say) as run:
        code = code_version(WALK)
        keys = [_key(cell, cells, study.formats, code) for cell in cells]
        notes = [_noted(run.path, cell, key) for cell, key in zip(cells, keys, strict=True)]
        record: dict[str, Any] = {}
        for at, cell in enumerate(cells):
            note = notes[at]
            if note is None or "error" in note["cell"]:  # what failed is tried again: the reason may be gone
                say(f"[bold]cell {at + 1} of {len(cells)}{_left(cells, notes)}: {escape(cell.title)}[/]")
                notes[at] = _walked(cell, cells, run.path, study.formats, keys[at], say)
            elif at + 1 < len(cells):
                continue
            record = record_of(study, [note for note in notes if note is not None], len(cells), command)
            write_file(run.path / "study.json", summary_json(record).encode())
            write_file(run.path / "study.md", (study_table(record) + "\n").encode())
    failed = tuple(cell.title for cell, note in zip(cells, notes, strict=True) if note is not None and "error" in note["cell"])
    return Ran(record, run.path, failed)


def _walked(cell: Cell, cells: Sequence[Cell], folder: Path, formats: Sequence[str], key: str, say: Say) -> dict[str, Any]:
    """The cell's note, also of one that an error ended."""
    found: dict[str, Any] = {"data": cell.data, "seed": cell.seed, "kind": cell.kind, "name": cell.name}
    found["values"] = dict(cell.values)
    if _under_way(cell, cells, folder):
        found["resumed"] = True
    began = time.monotonic()
    try:
        walk(cell, cells, folder, formats, say, found)
    except UserError as error:
        found["error"] = shown_error(error)
        say(f"[red]✗ {escape(cell.title)}: {escape(str(error))}[/]")
    ended = datetime.now(timezone.utc).isoformat(timespec="seconds")
    note = {"key": key, "wall": round(time.monotonic() - began, 1), "ended": ended, "cell": found}
    write_file(_note(folder, cell), json.dumps(note, indent=1).encode())
    return note


def _under_way(cell: Cell, cells: Sequence[Cell], folder: Path) -> bool:
    """Whether a kill or an error left a stage of it unfinished: its minutes are then known up to the last file that it kept."""
    places = [cell.folder]
    if cell.kind == "variant":
        places += [teacher_folder(cell, cells), baseline_folder(cell, cells)]
    return any(True for place in places for _ in (folder / place / "work").glob("*/hash"))


def _left(cells: Sequence[Cell], notes: Sequence[dict[str, Any] | None]) -> str:
    """`, about 31 min left`: what finished cells took, those of the same kind and name if there are any."""
    pairs = list(zip(cells, notes, strict=True))
    known = [(cell, note["wall"]) for cell, note in pairs if note is not None and "error" not in note["cell"]]
    if not known:
        return ""

    def expected(cell: Cell) -> float:
        alike = [wall for other, wall in known if (other.kind, other.name) == (cell.kind, cell.name)]
        return fmean(alike or [wall for other, wall in known if other.kind == cell.kind] or [wall for _, wall in known])

    seconds = sum(expected(cell) for cell, note in pairs if note is None)
    return f", about {seconds / 60:.0f} min left" if seconds >= 60 else f", about {seconds:.0f} s left"


def _note(folder: Path, cell: Cell) -> Path:
    return folder / "notes" / cell.place.with_name(f"{cell.place.name}.json")


def _noted(folder: Path, cell: Cell, key: str) -> dict[str, Any] | None:
    """The note of a cell that nothing has changed since."""
    try:
        note = json.loads(_note(folder, cell).read_text(encoding="utf-8"))
        return note if note["key"] == key else None
    except (OSError, ValueError, KeyError):
        return None


def _key(cell: Cell, cells: Sequence[Cell], formats: Iterable[str], code: dict[str, str]) -> str:
    """Of everything that decides a cell, with the cells whose teacher and baseline it shares.

    A cell with another key is walked again, and its stages say what has to be done.
    """
    data = cell.recipe.data
    sources = [data.train, data.dev, data.test, data.unlabelled, cell.recipe.teacher.model, cell.recipe.student.layers_from]
    shared = [teacher_of(cell, cells), baseline_of(cell, cells)] if cell.kind == "variant" else [auto_of(cell, cells)]
    content = {
        "recipe": cell.recipe.model_dump(),
        "shared": [other.recipe.model_dump() for other in shared],
        "rows": [cell.rows, ROWS_SEED],
        "formats": list(formats),
        "sources": [_hash_of(source) for source in sources if source is not None],
        "code": code,
        "versions": versions(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@functools.cache
def _hash_of(source: str) -> str:
    """Of a file's or folder's content; an id, and a file that is not there, stand for themselves."""
    try:
        place = Path(locate(source))
        return file_hash(place) if place.exists() else source
    except (UserError, OSError):
        return source
