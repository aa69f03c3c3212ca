"""More texts for the teacher to label, made of the training texts themselves.

A teacher that fits its training texts says there what their labels say already; what it knows beyond them shows on texts that
have no label.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from pocketbert.tasks import Example

# Half are the start of one text and the end of another, half lose about every fourth word: both keep the words and slots
# of the data and break its templates.
JOIN_SHARE = 0.5
DROP_SHARE = 0.25
# A joined text is no longer than a long sentence, so that it is no truncated one.
LONGEST_WORDS = 40


def recombined(examples: Sequence[Example], times: int, seed: int) -> list[Example]:
    """`times` new unlabelled examples for each given one, for stages that only the teacher labels.

    Args:
        examples: the training examples; of a pair each side is recombined with the same side of another.
        times: how many for each; 0 gives none.
        seed: the same seed gives the same texts.

    Returns:
        Examples without a target, in random order, numbered from 1; texts without spaces come out as they are.
    """
    if not examples:
        return []
    rng = random.Random(seed)
    found = []
    for row in range(1, times * len(examples) + 1):
        one, other = rng.choice(examples), rng.choice(examples)
        join = rng.random() < JOIN_SHARE
        texts = (
            _joined(a, b, rng) if join else _thinned(a, rng) for a, b in zip(one.texts, other.texts, strict=True)
        )
        found.append(Example(tuple(texts), None, row))
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
