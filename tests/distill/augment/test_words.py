"""What of a text is a word, and how one takes another's place."""

from __future__ import annotations

import pytest

from pocketbert.distill.candidates.words import is_cjk, replaced, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Wake me at 6:30, don't forget!", ["Wake", "me", "at", "don't", "forget"]),
        ("a B2B well-known café_x", ["a", "well-known"]),
        ("", []),
        ("1 2 3 -- !?", []),
        ("l’été à Zürich", ["l’été", "à", "Zürich"]),
        ("明天去北京 with 妈妈", ["明", "天", "去", "北", "京", "with", "妈", "妈"]),
    ],
)
def test_words(text, words):
    found = words_of(text)
    assert [word.text for word in found] == words
    assert all(text[word.start : word.end] == word.text for word in found)


def test_chinese_is_cut_into_the_longest_known_words():
    known = {"明天", "北京", "北京大学", "大"}
    assert [word.text for word in words_of("明天去北京大学玩 now", known)] == ["明天", "去", "北京大学", "玩", "now"]
    assert is_cjk("北京") and not is_cjk("北京x") and not is_cjk("Peking")


def test_everything_but_the_word_stays_and_so_does_its_case():
    text = "  Play SOME jazz,please (now)"
    words = words_of(text)
    assert replaced(text, words, {}) == text
    assert replaced(text, words, {0: "start", 1: "any", 3: "do"}) == "  Start ANY jazz,do (now)"
    # an I is no word in capitals
    assert replaced("I see", words_of("I see"), {0: "you"}) == "You see"
