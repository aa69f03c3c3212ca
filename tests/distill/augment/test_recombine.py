from __future__ import annotations

from pathlib import Path

from pocketbert.distill.augment import Setting
from pocketbert.distill.augment.recombine import LONGEST_WORDS, Options, augment
from pocketbert.tasks import Example

TEXTS = [Example((f"a{i} b{i} c{i} d{i}", f"x{i} y{i}"), i % 2, i + 1) for i in range(50)]


def recombined(examples, copies: int, seed: int):
    return augment(examples, Options(copies), Setting("none", 64, seed, Path("none")))


def test_new_texts_are_made_of_the_old_words():
    found = recombined(TEXTS, 3, seed=0)
    assert len(found) == 150 and all(len(made.texts) == 2 for made in found)
    known = [{word for e in TEXTS for word in e.texts[side].split()} for side in (0, 1)]
    assert all(made.texts[side].split() and set(made.texts[side].split()) <= known[side] for made in found for side in (0, 1))
    assert len({made.texts for made in found} - {e.texts for e in TEXTS}) > 100
    # half of them are joined, and those have no single text that they are a variant of
    assert 40 < sum(made.origin is None for made in found) < 110
    for made in found:
        if made.origin is not None:
            assert all(set(made.texts[side].split()) <= set(TEXTS[made.origin].texts[side].split()) for side in (0, 1))


def test_the_seed_decides_and_nothing_asked_gives_nothing():
    assert recombined(TEXTS, 1, 4) == recombined(TEXTS, 1, 4) != recombined(TEXTS, 1, 5)
    assert recombined(TEXTS, 0, 4) == recombined([], 3, 4) == []


def test_empty_and_long_texts_and_texts_without_spaces_pass():
    odd = [Example((text,), 0, 1) for text in ("", "北京天气", "w " * 100)]
    found = [made.texts[0] for made in recombined(odd, 30, 0)]
    assert "" in found and "北京天气" in found
    assert max(len(text.split()) for text in found) <= 100 and LONGEST_WORDS < 100
