"""vocab.txt and normalizer.bin (docs/artifact.md sections 4 and 5) as a port reads them: are they what the page says?"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from os.path import commonprefix

from pocketbert.edge_export.artifact.manifest import WordPiece
from pocketbert.edge_export.artifact.normalizer import MAGIC
from pocketbert.tasks import UserError

MAX_BEGINNINGS = 2_000_000
LISTS = ("deleted", "padded", "punctuation", "space")


def check_vocabulary(data: bytes, wordpiece: WordPiece) -> None:
    """Refuses a vocab.txt that is not one different token a line, has too many, or no line for a special token.

    Raises:
        UserError: what is wrong with it.
    """
    try:
        tokens = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"vocab.txt is not UTF-8 ({error}).") from None
    if len(tokens) < 2 or tokens.pop():
        raise UserError("vocab.txt does not end with a line break.")
    if len(set(tokens)) != len(tokens):
        raise UserError("vocab.txt has the same token in two lines.")
    if beginnings(tokens) > MAX_BEGINNINGS:
        raise UserError(f"vocab.txt has tokens with more than {MAX_BEGINNINGS} different beginnings.")
    if max(wordpiece.cls_id, wordpiece.sep_id, wordpiece.unk_id) >= len(tokens):
        raise UserError(f"vocab.txt has {len(tokens)} lines, and none for a special token of the manifest.")


def beginnings(tokens: list[str]) -> int:
    """How many different non-empty strings one or more of the tokens begin with: the nodes of a port's tree."""
    ordered = sorted(tokens)
    new = (len(token) - len(commonprefix((before, token))) for before, token in pairwise(["", *ordered]))
    return sum(new)


def check_normalizer(data: bytes) -> None:
    """Refuses a normalizer.bin that breaks a rule of section 5.

    Raises:
        UserError: what is wrong with it.
    """
    try:
        end, space, punctuation = _read(data)
    except struct.error:
        raise UserError("normalizer.bin is cut off.") from None
    if end != len(data):
        raise UserError(f"normalizer.bin has {len(data) - end} bytes behind its last mapping.")
    if any(a <= last and first <= b for a, b in space for first, last in punctuation):
        raise UserError("normalizer.bin has a character that is both space and punctuation.")


def _read(data: bytes) -> tuple[int, list[tuple[int, int]], list[tuple[int, int]]]:
    """(the byte behind the last mapping, ranges of spaces, ranges of punctuation)."""
    if data[:4] != MAGIC or data[4:5] not in (b"\0", b"\1"):
        raise UserError("normalizer.bin does not begin as the format has it.")
    at, found = 5, {}
    for name in LISTS:
        (count,) = struct.unpack_from("<H", data, at)
        numbers = struct.unpack_from(f"<{2 * count}I", data, at + 2)
        at += 2 + 8 * count
        _check_characters(numbers, name)
        found[name] = list(zip(numbers[::2], numbers[1::2], strict=True))
        apart = all(before[1] + 1 < after[0] for before, after in pairwise(found[name]))
        if not apart or any(first > last for first, last in found[name]):
            raise UserError(f"normalizer.bin has ranges out of order among its {name} characters.")
    (count,) = struct.unpack_from("<H", data, at)
    at, last = at + 2, -1
    for character, mapping, end in _mappings(data, at, count):
        _check_characters((character, *mapping), "mapped")
        if character <= last:
            raise UserError("normalizer.bin has mappings out of order.")
        at, last = end, character
    return at, found["space"], found["punctuation"]


def _mappings(data: bytes, at: int, count: int) -> Iterator[tuple[int, tuple[int, ...], int]]:
    """(character, what it becomes, where the next mapping starts)."""
    for _ in range(count):
        character, k = struct.unpack_from("<IB", data, at)
        mapping = struct.unpack_from(f"<{k}I", data, at + 5)
        at += 5 + 4 * k
        yield character, mapping, at


def _check_characters(codes: tuple[int, ...], name: str) -> None:
    for code in codes:
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise UserError(f"normalizer.bin has U+{code:04X}, which is not a character, among its {name} characters.")
