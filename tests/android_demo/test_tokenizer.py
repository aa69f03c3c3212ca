"""The Kotlin tokenizer gives the reference's ids, types, offsets and truncation: 0 mismatches, whatever the text."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # tests/ is no package
import tokenizer_parity as parity  # noqa: E402

LENGTHS = (5, 6, 8, 17, 64)


@pytest.fixture(scope="module")
def alphabet() -> list[str]:
    return parity.alphabet()


@pytest.fixture(scope="module")
def bert(kotlin, minilm_folder, tmp_path_factory):
    """BERT's own uncased vocabulary, which the demo's file has."""
    text = (minilm_folder / "tokenizer.json").read_text(encoding="utf-8")
    with parity.Pair(text, tmp_path_factory.mktemp("bert")) as pair:
        yield pair


def _equal(found: parity.Found, texts: int, exchanged: int = 0) -> None:
    assert found.count == 0, "\n".join(found.mismatches)
    # an empty generator or an answer of nothing but [CLS] [SEP] would be equal too
    assert found.texts == texts and found.tokens > 3 * texts - 1 and found.exchanged <= exchanged


@pytest.mark.parametrize("settings", parity.SETTINGS)
def test_every_character_between_spaces_and_between_letters(kotlin, alphabet, settings, tmp_path):
    whole = settings in ("uncased", "cased")
    below = 0x110000 if whole else 0x10000
    with parity.Pair(parity.tokenizer_json(alphabet, **parity.SETTINGS[settings]), tmp_path) as pair:
        _equal(pair.compare(parity.among_others(below)), texts=69_504 if whole else 3_968)
        found = pair.compare(parity.nasty_texts(8, 20_000))
        _equal(found, 20_000, exchanged=5)


def test_every_character_alone(kotlin, bert):
    found = bert.compare(parity.alone())
    assert (found.count, found.exchanged, found.texts) == (0, 0, 1_112_064), found.mismatches


@pytest.mark.slow
def test_a_million_nasty_texts(bert):
    _equal(bert.compare(parity.nasty_texts(7, 1_000_000)), 1_000_000, exchanged=20)


@pytest.mark.parametrize("strategy", parity.STRATEGIES)
def test_pairs_truncated(bert, strategy):
    refused = 0
    for length in LENGTHS:
        # few, since the reference makes a list of everything that it left out
        found = bert.compare(parity.nasty_texts(length, 1_500, width=2), length, strategy)
        assert (found.count, found.texts) == (0, 1_500), found.mismatches
        refused += found.refused
    assert (refused > 1_000) == (strategy == "only_second"), "first texts that fill the room are refused, and only then"


def test_single_texts_truncated(bert):
    for length in LENGTHS:
        _equal(bert.compare(parity.nasty_texts(length, 5_000), length), 5_000, exchanged=1)
    found = bert.compare(parity.nasty_texts(9, 5_000), 9, "only_second")
    assert found.count == 0 and 0 < found.refused < 5_000, found.mismatches


def test_a_cased_vocabulary_and_pairs(kotlin, alphabet, tmp_path):
    with parity.Pair(parity.tokenizer_json(alphabet, **parity.SETTINGS["cased"]), tmp_path) as pair:
        _equal(pair.compare(parity.nasty_texts(31, 50_000)), 50_000)
        _equal(pair.compare(parity.nasty_texts(32, 5_000, width=2), 17), 5_000)


@pytest.mark.slow
def test_every_text_of_the_shared_data(bert, shared_data):
    found = bert.compare(parity.data_texts(shared_data))
    _equal(found, found.texts)
    assert found.texts > 100_000


def test_a_wrong_table_is_noticed(kotlin, alphabet, tmp_path):
    """The comparison itself: Kotlin with a cased table against the uncased reference."""
    (tmp_path / "other").mkdir()
    parity.write_tables(parity.tokenizer_json(alphabet, lowercase=False), tmp_path / "other")
    with parity.Pair(parity.tokenizer_json(alphabet, lowercase=True), tmp_path, tables=tmp_path / "other") as pair:
        found = pair.compare([("wake",), ("Wake",), ("e\u0301",), ("",)])
    assert found.count == 2 and "'Wake'" in found.mismatches[0]
