"""CSV, TSV and JSONL files as rows of strings, with the place of each row kept for messages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pocketbert.tasks.errors import UserError

SUFFIXES = (".csv", ".tsv", ".jsonl")


@dataclass(frozen=True)
class Table:
    """All rows of one file.

    Args:
        path: where they came from.
        columns: the header, in order.
        rows: one mapping a data row; a value is a string, or None where a JSONL row lacks the key or has null.
        lines: the line of the file (from 1) on which each row starts.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[dict[str, str | None], ...]
    lines: tuple[int, ...]

    def where(self, index: int, column: str | None = None) -> str:
        """`dev.tsv, row 3 (line 4), column "label"`: how every message names a place."""
        place = f"{self.path}, row {index + 1} (line {self.lines[index]})"
        return place if column is None else f'{place}, column "{column}"'


def read_table(path: Path | str) -> Table:
    """Reads a CSV, TSV or JSONL file by its suffix.

    TSV fields are taken as they stand: a bare double quote is a character, as in GLUE's files. CSV follows RFC 4180.

    Raises:
        UserError: the file is missing, empty, not UTF-8, of another kind, or a row does not fit the header.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError(f"{path}: cannot read a {path.suffix or 'file without suffix'}; use one of {', '.join(SUFFIXES)}.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        hint = "convert it, for example with `iconv -f latin1 -t utf-8`"
        raise UserError(f"{path}: not UTF-8 (byte {error.start}); {hint}.") from None
    limit = csv.field_size_limit(max(len(text), csv.field_size_limit()))  # a text may be as long as its file
    try:
        numbered = list(_jsonl(path, text) if suffix == ".jsonl" else _delimited(path, text, suffix))
    finally:
        csv.field_size_limit(limit)
    if not numbered:
        raise UserError(f"{path}: no data rows; expected at least one row after the header.")
    columns = dict.fromkeys(key for _, row in numbered for key in row)
    return Table(path, tuple(columns), tuple(row for _, row in numbered), tuple(line for line, _ in numbered))


def _delimited(path: Path, text: str, suffix: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    if suffix == ".tsv":
        # split on \n and \t only: csv.reader would take a bare quote at a field's start for the start of a quoted field,
        # and str.splitlines would break a text at U+2028.
        lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        first = next((i for i, line in enumerate(lines) if line), len(lines))
        one = "\t" not in "".join(lines[first : first + 1])  # in one column an empty line is an empty text
        cells = ((number, line.split("\t")) for number, line in enumerate(lines[first:], first + 1) if line or one)
    else:
        cells = _csv(path, text)
    header_line = next(cells, None)
    if header_line is None:
        raise UserError(f"{path}: the file is empty; its first line must name the columns.")
    header = [name.strip() for name in header_line[1]]
    if len(set(header)) != len(header):
        raise UserError(f"{path}, line 1: two columns have the same name ({', '.join(header)}).")
    for line, fields in cells:
        if len(fields) != len(header):
            raise UserError(
                f"{path}, line {line}: {len(fields)} fields where the header names {len(header)} ({', '.join(header)})."
            )
        yield line, dict(zip(header, fields, strict=True))


def _csv(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for fields in reader:
            if fields:
                yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{path}, line {start}: not a CSV row ({error}); quote it by RFC 4180, or save it as .tsv.") from None


def _jsonl(path: Path, text: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError also for an integer of more digits than Python takes
            raise UserError(f"{path}, line {number}: not JSON ({error}).") from None
        if not isinstance(record, dict):
            raise UserError(f"{path}, line {number}: expected an object with named columns, found {type(record).__name__}.")
        yield number, {key: _scalar(value, f'{path}, line {number}, column "{key}"') for key, value in record.items()}


def _scalar(value: object, where: str) -> str | None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")  # JSON can escape half a character, which no tokenizer or file takes
        except UnicodeEncodeError:
            raise UserError(f"{where}: half a character (a lone surrogate); repair the text.") from None
        return value
    if value is None:
        return value
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)  # another task's column, kept as it stands
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise UserError(f"{where}: cannot use a {type(value).__name__}.")
