"""The template grammar: draw an instance of a template, or recognise one."""

from __future__ import annotations

import functools
import random
import re
import unicodedata
from collections.abc import Sequence

from pocketbert.demo.intents.noise import ENDINGS, FILLERS, REQUESTS, SLANG, pick
from pocketbert.demo.intents.slots import SLOTS

_PART = re.compile(r"(\([^)]*\)|\{[a-z_]+\})")
_APOSTROPHES = re.compile(r"['\u2019]")
_GAPS = re.compile(r"[\W_]+")


def lines(block: str) -> list[str]:
    """Return the templates of one block of templates.py."""
    return [line.strip() for line in block.splitlines() if line.strip()]


def slot_values(name: str, split: str | None = None) -> list[str]:
    """Return the values of a slot: all, or those open to "train" or "dev".

    Every fourth value is never used in train and another every fourth never in dev; the splits share the others.
    """
    held_out = {None: -1, "train": 3, "dev": 0}[split]
    return [value for place, value in enumerate(SLOTS[name]) if place % 4 != held_out]


def expand(rng: random.Random, template: str, split: str) -> str:
    """Draw one instance of a template; a slot named twice gets two different values."""
    words, used = [], set()
    for part in _PART.split(template):
        if part.startswith("("):
            part = pick(rng, part[1:-1].split("|"))
        for piece in _PART.split(part):
            if piece.startswith("{"):
                values = [value for value in slot_values(piece[1:-1], split) if value not in used]
                piece = pick(rng, values)
                used.add(piece)
            words.append(piece)
    return " ".join("".join(words).split())


def normalise(text: str) -> str:
    """Return `text` without case, accents, apostrophes and punctuation: the form in which texts are compared."""
    text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _GAPS.sub(" ", text.casefold()).strip()


@functools.cache
def _slang_expressions() -> list[tuple[re.Pattern[str], str]]:
    """Return, for every standard word, an expression of its slang forms as whole words."""
    return [
        (re.compile(r"\b(?:" + "|".join(re.escape(normalise(form)) for form in forms) + r")\b"), normalise(standard))
        for standard, forms in SLANG.items()
    ]


def plain(text: str) -> str:
    """Return the normalised text with slang read back, for example "gimme" as "give me"."""
    text = normalise(text)
    for expression, standard in _slang_expressions():
        text = expression.sub(standard, text)
    return text


def _alternatives(values: Sequence[str]) -> str:
    """Return a regular expression of any of `values`, in their plain form."""
    return "(?:" + "|".join(re.escape(value) for value in dict.fromkeys(plain(value) for value in values)) + ")"


@functools.cache
def _any_value(slot: str) -> str:
    """Return a regular expression of any value of a slot."""
    return _alternatives(slot_values(slot))


def pattern(template: str) -> re.Pattern[str]:
    """Return an expression that matches the plain form of every instance of `template`, with or without fillers.

    A slot stands for every value of every split. A gap between parts may be empty, so the expression matches
    a little more than the grammar makes, never less; typing slips are left to the near-duplicate check.
    """
    parts = []
    for part in _PART.split(template):
        if part.startswith("("):
            parts.append("(?:" + "|".join(_body(choice) for choice in part[1:-1].split("|")) + ")")
        else:
            parts.append(_body(part))
    before, after = _alternatives(FILLERS + REQUESTS), _alternatives(ENDINGS)
    return re.compile(f"(?:{before} )?" + " *".join(parts) + f"(?: {after})?")


def _body(text: str) -> str:
    """Return the expression of text with slots and no choice."""
    pieces = _PART.split(text)
    is_slot = [piece.startswith("{") for piece in pieces]
    return " *".join(
        _any_value(piece[1:-1]) if slot else re.escape(plain(piece)) for slot, piece in zip(is_slot, pieces, strict=True)
    )


def overlap(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the Jaccard overlap of two word sets."""
    return len(first & second) / len(first | second) if first or second else 1.0


def word_set(text: str) -> frozenset[str]:
    """Return the set of normalised words of a text."""
    return frozenset(normalise(text).split())
