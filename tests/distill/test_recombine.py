from __future__ import annotations

from pocketbert.distill.recombine import LONGEST_WORDS, recombined
from pocketbert.tasks import Example

TEXTS = [Example((f"a{i} b{i} c{i} d{i}", f"x{i} y{i}"), i % 2, i + 1) for i in range(50)]


def test_new_texts_are_made_of_the_old_words_and_have_no_label():
    found = recombined(TEXTS, 3, seed=0)
    assert len(found) == 150 and [e.row for e in found] == list(range(1, 151))
    assert all(e.target is None and len(e.texts) == 2 for e in found)
    known = [{word for e in TEXTS for word in e.texts[side].split()} for side in (0, 1)]
    assert all(e.texts[side].split() and set(e.texts[side].split()) <= known[side] for e in found for side in (0, 1))
    assert len({e.texts for e in found} - {e.texts for e in TEXTS}) > 100
    joined = sum(len({word[1:] for word in e.texts[0].split()}) == 2 for e in found)
    assert 40 < joined < 100  # half of them, and those whose two halves come from different texts


def test_the_seed_decides_and_nothing_asked_gives_nothing():
    assert recombined(TEXTS, 1, 4) == recombined(TEXTS, 1, 4) != recombined(TEXTS, 1, 5)
    assert recombined(TEXTS, 0, 4) == recombined([], 3, 4) == []


def test_empty_and_long_texts_and_texts_without_spaces_pass():
    odd = [Example((text,), 0, 1) for text in ("", "北京天气", "w " * 100)]
    found = [e.texts[0] for e in recombined(odd, 30, 0)]
    assert "" in found and "北京天气" in found
    assert max(len(text.split()) for text in found) <= 100 and LONGEST_WORDS < 100
