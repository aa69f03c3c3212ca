"""Plain text, document after document, from files, folders and data sets, never more than a document of it in memory."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pocketbert.distill.sources import library, reason_of
from pocketbert.tasks import UserError
from pocketbert.tasks.quiet import quiet

# A blank line ends a document. Text without any, or one line of gigabytes, is cut there: what a document is read for is shorter.
LONGEST = 1 << 20  # characters
TEXT, ROWS = (".txt", ".txt.gz"), (".jsonl", ".parquet")
DATASETS = "datasets:"


def files_of(sources: Sequence[str]) -> list[str]:
    """The sources with every folder replaced by its files of known kinds, by name.

    Raises:
        UserError: nothing is there, a kind is unknown, or a folder has nothing to read.
    """
    found = []
    for source in sources:
        path = Path(source)
        if source.startswith(DATASETS):
            found.append(source)
        elif path.is_dir():
            inside = [str(file) for file in sorted(path.rglob("*")) if file.is_file() and _kind(file)]
            if not inside:
                raise UserError(f"{source}: has no {_listed()} file.")
            found += inside
        elif not path.is_file():
            raise UserError(f"{source}: no such file or folder; a data set's name begins with {DATASETS}.")
        elif not _kind(path):
            raise UserError(f"{source}: cannot read a {path.suffix or 'file without suffix'}; use one of {_listed()}.")
        else:
            found.append(source)
    return found


def documents(source: str, column: str = "text") -> Iterator[str]:
    """The documents of one source of `files_of`, in order.

    Args:
        source: a text file with blank lines between documents, a .jsonl or .parquet with a document per row, or
            `datasets:ID[:CONFIG]/SPLIT`, which is streamed.
        column: that holds the text, where there are rows.

    Raises:
        UserError: it is not text, cannot be read, or has no such column; the file and the place are named.
    """
    if source.endswith(TEXT):
        yield from _text(Path(source))
        return
    for number, row in enumerate(_rows(source), 1):
        if not isinstance(row.get(column), str):
            raise UserError(f"{source}, row {number}: has no text in a column {column}; it has {', '.join(map(str, row))}.")
        for start in range(0, len(row[column]), LONGEST):
            yield row[column][start : start + LONGEST]


def identity_of(source: str) -> list[Any]:
    """What tells that a file has not changed: its name, size and time; of a data set its name alone."""
    if source.startswith(DATASETS):
        return [source]
    with contextlib.suppress(OSError):
        seen = Path(source).stat()
        return [Path(source).name, seen.st_size, seen.st_mtime_ns]
    raise UserError(f"{source}: was there when the corpus was first read, and is not any more.")


def _text(path: Path) -> Iterator[str]:
    lines: list[str] = []
    length = 0
    for line in _lines(path):
        if line.strip():
            lines.append(line)
            length += len(line)
        if lines and (not line.strip() or length >= LONGEST):
            yield "\n".join(lines)
            lines, length = [], 0
    if lines:
        yield "\n".join(lines)


def _lines(path: Path) -> Iterator[str]:
    """Lines without their ends; one that is longer than LONGEST comes in parts."""
    place, decoder = 0, codecs.getincrementaldecoder("utf-8")()  # a part may end within a character
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while line := file.readline(LONGEST):
                if b"\0" in line:
                    raise UserError(f"{path}, byte {place + line.index(0)}: a zero byte, so this is not text.")
                yield decoder.decode(line).rstrip("\r\n")
                place += len(line)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UserError(f"{path}, after byte {place}: not UTF-8; save the file as UTF-8.") from None
    except (OSError, EOFError) as error:
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None


def _rows(source: str) -> Iterator[dict[str, Any]]:
    if source.endswith(".jsonl"):
        with open(source, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise UserError(f"{source}, line {number}: not JSON ({error}).") from None
                if not isinstance(row, dict):
                    raise UserError(f"{source}, line {number}: expected an object with named columns.")
                yield row
        return
    datasets = library()
    try:
        with quiet():
            if source.endswith(".parquet"):
                found = datasets.load_dataset("parquet", data_files=source, split="train", streaming=True)
            else:
                name, slash, split = source.removeprefix(DATASETS).rpartition("/")
                if not slash:
                    raise UserError(f"{source}: name the split after a slash, such as {source}/train.")
                name, _, config = name.partition(":")
                found = datasets.load_dataset(name, config or None, split=split, streaming=True)
            yield from found
    except UserError:
        raise
    except Exception as error:  # the library raises a dozen kinds
        raise UserError(f"{source}: cannot be read as a data set ({reason_of(error)}).") from error


def _kind(path: Path) -> bool:
    return path.name.endswith(TEXT + ROWS)


def _listed() -> str:
    return ", ".join(TEXT + ROWS)
