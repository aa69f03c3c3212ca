"""Texts that break tokenizers: the generator that every tokenizer of ours is held against the reference with."""

from __future__ import annotations

import random

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(c) for c in range(33, 127)] + list("éßøıσςàü日本語京都한ᄒ가ᅡΔдя€™🙂ﬁ½Å")
VOCABULARY = SPECIALS + list(dict.fromkeys(LETTERS)) + ["##" + c for c in dict.fromkeys(LETTERS)] + ["wake", "##ing", "the"]

ATOMS = [*LETTERS, *" \t\n\0\u200b\ufeff\u00a0\u3000\u0301\u0307İẞǅΣ각", "[SEP]", "[CLS]", "[MASK]", "a" * 101, "waking", "The"]
ATOMS += ["\U0001f469\u200d\U0001f4bb", "\U00020000", "\U0002b820"]


def nasty(rng: random.Random) -> str:
    """Up to 29 atoms; one in ten is any character below the surrogates."""
    return "".join(
        rng.choice(ATOMS) if rng.random() < 0.9 else chr(rng.randrange(0x20, 0xD7FF)) for _ in range(rng.randrange(30))
    )
