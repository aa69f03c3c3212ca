"""normalizer.bin (docs/artifact.md section 5): a BERT tokenizer's character tables, read out of the tokenizer itself.

Every scalar value is put through the tokenizer's own normalizer and pre-tokenizer, so the tables are exact by construction
and a port in another language never asks its platform's Unicode version.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer

MAGIC = b"PBN1"
BLOCK = 64  # characters; surrogates begin and end on its multiples
HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3


def build_normalizer(tokenizer: Tokenizer) -> bytes | None:
    """The tables of this tokenizer, or None where a table a character cannot describe it.

    None is for: a tokenizer that is not BERT's (no `BertNormalizer` with `BertPreTokenizer`), and one whose vocabulary holds
    combining marks that survive accent stripping: NFD may reorder two of them, which no table a character can say.

    It asks about all 1,112,064 characters, most of them by the block: a block that comes back unchanged needs no second look.
    """
    normalizer, splitter = tokenizer.normalizer, tokenizer.pre_tokenizer
    if type(normalizer).__name__ != "BertNormalizer" or type(splitter).__name__ != "BertPreTokenizer":
        return None
    deleted, padded, punctuation, space, mappings = [], [], [], [], []
    for code in _changing(normalizer, splitter):
        character = chr(code)
        # between letters, so that no rule about the start or end of a text applies
        result = normalizer.normalize_str(f"a{character}b")[1:-1]
        if result == "":
            deleted.append(code)
        elif len(result) >= 3 and result[0] == result[-1] == " ":
            padded.append(code)
            result = result[1:-1]
        if result not in ("", character):
            mappings.append((code, result))
        words = [word for word, _ in splitter.pre_tokenize_str(f"a{character}b")]
        if words == ["a", character, "b"]:
            punctuation.append(code)
        elif words == ["a", "b"]:
            space.append(code)
    mapped = dict(mappings)
    gone = set(deleted)
    if any(_reorderable(character, gone, mapped) for token in tokenizer.get_vocab() for character in token):
        return None
    hangul = all(mapped.get(code) == _decomposed(code) for code in range(HANGUL_FIRST, HANGUL_LAST + 1))
    if hangul:
        mappings = [(code, text) for code, text in mappings if not HANGUL_FIRST <= code <= HANGUL_LAST]
    out = bytearray(MAGIC + bytes([hangul]))
    for codes in (deleted, padded, punctuation, space):
        ranges = _ranges(codes)
        out += struct.pack("<H", len(ranges))
        for first, last in ranges:
            out += struct.pack("<II", first, last)
    out += struct.pack("<H", len(mappings))
    for code, text in mappings:
        out += struct.pack(f"<IB{len(text)}I", code, len(text), *map(ord, text))
    return bytes(out)


def _changing(normalizer, splitter) -> Iterator[int]:
    """Every scalar value but those in blocks that neither normalizer nor pre-tokenizer touches."""
    for first in range(0, 0x110000, BLOCK):
        if 0xD800 <= first < 0xE000:
            continue  # surrogates are no characters
        block = "a" + "".join(map(chr, range(first, first + BLOCK))) + "b"
        if normalizer.normalize_str(block) != block or len(splitter.pre_tokenize_str(block)) != 1:
            yield from range(first, first + BLOCK)


def _reorderable(character: str, deleted: set[int], mapped: dict[int, str]) -> bool:
    code = ord(character)
    return bool(unicodedata.combining(character)) and code not in deleted and mapped.get(code, character) == character


def _decomposed(code: int) -> str:
    s = code - HANGUL_FIRST
    tail = chr(0x11A7 + s % 28) if s % 28 else ""
    return chr(0x1100 + s // 588) + chr(0x1161 + s % 588 // 28) + tail


def _ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    """(first, last) of each run of rising codes without a gap."""
    found: list[tuple[int, int]] = []
    for code in codes:
        if found and code == found[-1][1] + 1:
            found[-1] = found[-1][0], code
        else:
            found.append((code, code))
    return found
