"""The words of a text that can be replaced, with their places."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Letters alone, with apostrophes and hyphens within: numbers, codes and punctuation are never replaced.
WORD = re.compile(r"(?<![\w'’-])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![\w'’-])")
# What BERT's tokenizer puts spaces around, and so has no longer pieces of (its `_is_chinese_char`).
CJK_RUN = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f\U0002b920-\U0002ceaf\U0002f800-\U0002fa1f]+"
)
LONGEST_CJK_WORD = 6  # characters that are looked up as one word


@dataclass(frozen=True)
class Word:
    """A word of a text, and where it stands there: characters `start` to `end`."""

    text: str
    start: int
    end: int


def words_of(text: str, known: Container[str] = ()) -> list[Word]:
    """The words of a text, in order.

    Args:
        text: any script. Chinese, which has no spaces, is cut into the longest words of `known`, from the left, and elsewhere
            into its characters, which are the pieces that BERT reads.
        known: words, such as those that have a vector.
    """
    found = []
    for run in CJK_RUN.finditer(text):
        found += _cut(run.group(), run.start(), known)
    # Chinese characters become a border of words, one space for one character, so that places stay
    apart = CJK_RUN.sub(lambda run: " " * len(run.group()), text)
    found += [Word(match.group(), match.start(), match.end()) for match in WORD.finditer(apart)]
    return sorted(found, key=lambda word: word.start)


def is_word(text: str) -> bool:
    """Whether the whole of it could be replaced, so that it may also replace: no letter alone but those of Chinese."""
    if is_cjk(text):
        return True
    found = words_of(text)
    return len(text) > 1 and len(found) == 1 and found[0].text == text


def whole_words(tokenizer: Any) -> dict[str, int]:
    """The words that are one piece of a fast tokenizer's vocabulary, and their ids, in the order of these."""
    prefix = getattr(tokenizer.backend_tokenizer.model, "continuing_subword_prefix", "##")
    special = set(tokenizer.all_special_tokens)
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    return {piece: i for piece, i in pieces if piece not in special and not piece.startswith(prefix) and is_word(piece)}


def is_cjk(word: str) -> bool:
    """Whether a word is written in Chinese characters."""
    return CJK_RUN.fullmatch(word) is not None


def replaced(text: str, words: Sequence[Word], new: Mapping[int, str]) -> str:
    """The text with some of its words exchanged.

    Args:
        text: the original.
        words: of `words_of`.
        new: index in `words` -> what stands there instead, in the letter case of the old word.
    """
    parts, end = [], 0
    for index in sorted(new):
        word = words[index]
        parts += [text[end : word.start], _in_case_of(word.text, new[index])]
        end = word.end
    return "".join([*parts, text[end:]])


def _cut(run: str, start: int, known: Container[str]) -> list[Word]:
    found, at = [], 0
    while at < len(run):
        sizes = range(min(LONGEST_CJK_WORD, len(run) - at), 1, -1)
        size = next((size for size in sizes if run[at : at + size] in known), 1)
        found.append(Word(run[at : at + size], start + at, start + at + size))
        at += size
    return found


def _in_case_of(old: str, new: str) -> str:
    if len(old) > 1 and old.isupper():
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
