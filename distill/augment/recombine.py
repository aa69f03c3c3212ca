"""Texts made of the training texts themselves: joined from two, or thinned.

Half are the start of one text and the end of another, half lose about every fourth word: both keep the words and slots of the
data and break its templates.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_doc import Doc

from pocketbert.distill.augment import Made, Setting
from pocketbert.distill.options import AUTO, STRICT, Auto, Copies
from pocketbert.distill.options import check as check_bounds
from pocketbert.tasks import Example

SLOW = False
JOIN_SHARE = 0.5
DROP_SHARE = 0.25
# A joined text is no longer than a long sentence, so that it is no truncated one.
LONGEST_WORDS = 40


@dataclass(frozen=True)
class Options:
    """Of the texts made."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    copies: Annotated[
        Copies | Auto, Doc("New texts per text, those without labels included. auto: up to 3, the fewer the more rows there are.")
    ] = AUTO

    def __post_init__(self) -> None:
        check_bounds(self)


def check(options: Options) -> None:
    """Nothing can be wrong."""


def describe(options: Options) -> str:
    """Its two ways."""
    return "two texts joined, or one without some of its words"


def augment(examples: Sequence[Example], options: Options, setting: Setting) -> list[Made]:
    """`options.copies` new texts for each example; texts without spaces come out as they are.

    Of a pair each side is recombined with the same side of another.
    """
    if not examples:
        return []
    rng = random.Random(setting.seed)
    copies = int(options.copies)
    found = []
    for _ in range(copies * len(examples)):
        origin, other = rng.randrange(len(examples)), rng.randrange(len(examples))
        join = rng.random() < JOIN_SHARE
        sides = zip(examples[origin].texts, examples[other].texts, strict=True)
        texts = tuple(_joined(a, b, rng) if join else _thinned(a, rng) for a, b in sides)
        found.append(Made(texts, None if join else origin))
    return found


def _joined(one: str, other: str, rng: random.Random) -> str:
    first, second = one.split(), other.split()
    if not first or not second:
        return one
    words = first[: rng.randint(1, len(first))] + second[rng.randrange(len(second)) :]
    return " ".join(words[:LONGEST_WORDS])


def _thinned(text: str, rng: random.Random) -> str:
    words = text.split()
    return " ".join(word for word in words if rng.random() >= DROP_SHARE) or text
