"""Data that tasks cannot read (Parquet, `datasets` ids) made into JSONL that it can."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pocketbert.tasks import Columns, UserError
from pocketbert.tasks.errors import not_installed
from pocketbert.tasks.files import write_file
from pocketbert.tasks.quiet import quiet
from pocketbert.tasks.rows import SUFFIXES

# Old ids without an owner that people still write, with "/" before the configuration.
OLD_IDS = {"glue": "nyu-mll/glue", "super_glue": "aps/super_glue"}


def prepare(source: str, out: Path, columns: Columns, split: str | None = None) -> Path:
    """A file that `tasks.read_examples` reads.

    Args:
        source: a .csv, .tsv or .jsonl file (returned as it is), a .parquet file, a folder written by `save_to_disk`, or an id
            of the Hugging Face hub: "user/name", "user/name:config", "glue/sst2".
        out: the folder that the JSONL file is written to, named after source and split. A hub data set that already stands
            there is not fetched again.
        columns: the columns that must be there; names of class labels take the place of their numbers in every column.
        split: such as "train" or "validation[:1000]"; needed where there is more than one.

    Raises:
        UserError: no such file, data set, split or column, or the hub cannot be reached.
    """
    path = Path(source)
    if path.suffix.lower() in SUFFIXES:
        if not path.is_file():
            raise UserError(f"{source}: no such file.")
        return path
    parquet = path.suffix.lower() == ".parquet"
    if parquet and not path.is_file():
        raise UserError(f"{source}: no such file.")
    given = f"{source} {split or ''}"
    # the hash tells apart what a file name cannot: train[:1000] from train[1000:]
    stem = re.sub(r"[^A-Za-z0-9.]+", "-", given).strip("-") + "-" + hashlib.sha256(given.encode()).hexdigest()[:8]
    written = out / f"{stem}.jsonl"
    if not path.exists() and written.is_file():
        return written
    found = _parquet(path) if parquet else _data_set(source, split)
    missing = [name for name in (columns.text, columns.text_pair, columns.label) if name and name not in found.column_names]
    if missing:
        raise UserError(f'{source}: no column "{missing[0]}"; it has {", ".join(found.column_names)}.')
    write_file(written, "".join(_lines(found, found.features)).encode())
    return written


def _lines(rows: Iterable[Any], features: dict) -> Iterator[str]:
    names = {column: feature.names for column, feature in features.items() if hasattr(feature, "names")}
    for row in rows:
        kept = {column: _value(value, names.get(column)) for column, value in row.items() if _plain(value)}
        yield json.dumps(kept, ensure_ascii=False) + "\n"


def _value(value: object, names: list[str] | None) -> object:
    if names is None or not isinstance(value, int):
        return value
    return names[value] if value >= 0 else None  # -1 stands for "not labelled" in test splits


def _plain(value: object) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def _data_set(source: str, split: str | None):
    datasets = library()
    name, _, config = source.partition(":")
    owner, _, rest = name.partition("/")
    if owner in OLD_IDS:
        name, config = OLD_IDS[owner], rest or config
    try:
        with quiet():
            if Path(source).is_dir():
                found = datasets.load_from_disk(source)
            else:
                found = datasets.load_dataset(name, config or None)
    except Exception as error:  # the library raises a dozen kinds for "not there", "not allowed" and "no network"
        raise UserError(
            f"{source}: no data file of this name, and it cannot be loaded as a data set ({reason_of(error)}). "
            "Give a .csv, .tsv, .jsonl or .parquet file, or a Hugging Face id with the network on."
        ) from error
    return _split(found, source, split)


def _split(found, source: str, split: str | None):
    if not isinstance(found, dict):
        return found
    if split is None and len(found) == 1:
        return next(iter(found.values()))
    name, _, part = (split or "").partition("[")
    if name not in found:
        raise UserError(f'{source}: no split "{split}"; it has {", ".join(found)}. Name one.')
    chosen = found[name]
    if not part:
        return chosen
    bounds = re.fullmatch(r"(\d*):(\d*)\]", part)
    if bounds is None:
        raise UserError(f'{source}: cannot read the split "{split}"; write it as in "train[:1000]".')
    start, end = int(bounds[1] or 0), min(int(bounds[2] or len(chosen)), len(chosen))
    return chosen.select(range(start, end))


def _parquet(path: Path):
    datasets = library()
    import pyarrow
    import pyarrow.parquet

    try:
        # Read without the library's cache, which would keep a second copy of the user's file in the home folder.
        return datasets.Dataset(pyarrow.parquet.read_table(path))
    except (pyarrow.ArrowInvalid, OSError, ValueError) as error:
        raise UserError(f"{path}: not a Parquet file ({str(error).splitlines()[0]}).") from error


def reason_of(error: Exception) -> str:
    """The kind of an error of another library, and its first line."""
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}".rstrip(": ")


def library():
    """The `datasets` library.

    Raises:
        UserError: it is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise not_installed("reading Parquet and Hugging Face data sets", error.name, "distill") from None
    return datasets
