"""TinyBERT's data augmentation, on vectors and models small enough to know what must come out."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from pocketbert.distill.augment import Made, Setting
from pocketbert.distill.augment.replace import Options, augment, check
from pocketbert.distill.candidates import neighbours
from pocketbert.distill.candidates.neighbours import read_vectors
from pocketbert.distill.candidates.words import words_of
from pocketbert.tasks import Example, UserError

# On a circle, so that the nearest by cosine are the next ones; the mean of all is the middle and takes nothing off.
CIRCLE = ("alarm", "clock", "timer", "watch", "music", "song", "tune", "album", "rain", "snow", "storm", "sun")


@pytest.fixture
def vectors(tmp_path) -> Path:
    import math

    angles = [2 * math.pi * i / len(CIRCLE) for i in range(len(CIRCLE))]
    path = tmp_path / "circle.txt"
    path.write_text("".join(f"{word} {math.cos(a):.6f} {math.sin(a):.6f}\n" for word, a in zip(CIRCLE, angles, strict=True)))
    return path


@pytest.fixture(autouse=True)
def none_is_too_common(monkeypatch):
    monkeypatch.setattr(neighbours, "COMMONEST", 0)


def setting(tmp_path: Path, seed: int = 0) -> Setting:
    return Setting("none", 48, seed, tmp_path / "kept")


def examples(*texts) -> list[Example]:
    return [Example(text if isinstance(text, tuple) else (text,), None, i) for i, text in enumerate(texts, 1)]


def test_the_nearest_words_are_the_next_ones_on_the_circle(vectors):
    near = read_vectors(vectors).nearest(["Timer", "alarm", "unknown"], 2)
    assert set(near["Timer"]) == {"clock", "watch"} and set(near["alarm"]) == {"clock", "sun"} and near["unknown"] == []


def test_variants_differ_from_their_original_in_words_that_are_near(vectors, tmp_path):
    texts = examples("set the alarm, then play a song", "Rain or snow?", "nothing known here")
    found = augment(texts, Options(copies=8, candidates=2, vectors=str(vectors)), setting(tmp_path))
    allowed = {"alarm": {"clock", "sun"}, "song": {"music", "tune"}, "rain": {"album", "snow"}, "snow": {"rain", "storm"}}
    for made in found:
        assert made.origin is not None
        old, new = (words_of(text) for text in (texts[made.origin].texts[0], made.texts[0]))
        changed = [(a.text.lower(), b.text.lower()) for a, b in zip(old, new, strict=True) if a.text != b.text]
        assert changed and all(b in allowed[a] for a, b in changed)
    # each once, none equal to its original, and as many as there are: 3 x 3 - 1 for two words with two candidates each
    assert len({made.texts for made in found}) == len(found)
    assert sum(made.origin == 0 for made in found) <= 8 and {made.origin for made in found} == {0, 1}


def test_probability_one_replaces_every_word_that_it_can(vectors, tmp_path):
    options = Options(6, probability=1.0, candidates=2, vectors=str(vectors))
    found = augment(examples("alarm song rain"), options, setting(tmp_path))
    assert len(found) > 3
    assert all(a != b for made in found for a, b in zip(made.texts[0].split(), ("alarm", "song", "rain"), strict=True))


def test_of_a_pair_one_side_changes_at_a_time_and_the_other_is_the_original(vectors, tmp_path):
    pair = ("alarm and song", "rain and snow")
    found = augment(examples(pair), Options(10, vectors=str(vectors), candidates=3), setting(tmp_path))
    changed = [tuple(new != old for new, old in zip(made.texts, pair, strict=True)) for made in found]
    assert set(changed) == {(True, False), (False, True)}
    assert changed.count((True, False)) == 5  # in turns


def test_an_example_has_the_same_variants_whatever_stands_beside_it(vectors, tmp_path):
    options = Options(4, vectors=str(vectors))
    alone = augment(examples("play a song"), options, setting(tmp_path))
    beside = augment(examples("rain", "play a song", "snow"), options, setting(tmp_path / "other"))
    assert [made.texts for made in alone] == [made.texts for made in beside if made.origin == 1]
    other = augment(examples("play a song"), options, setting(tmp_path, seed=1))
    assert [made.texts for made in alone] != [made.texts for made in other]


def test_what_was_found_is_kept_and_read_again(vectors, tmp_path):
    texts, options = examples("play a song", "rain"), Options(4, vectors=str(vectors))
    first = augment(texts, options, setting(tmp_path))
    (kept,) = (tmp_path / "kept").iterdir()
    found = json.loads(kept.read_text())
    kept.write_text(json.dumps([[[["altered"] for _ in side] for side in sides] for sides in found]))
    # other copies, same candidates
    assert all("altered" in made.texts[0].lower() for made in augment(texts, Options(2, vectors=str(vectors)), setting(tmp_path)))
    kept.write_bytes(kept.read_bytes()[:5])  # cut by a kill
    assert augment(texts, options, setting(tmp_path)) == first
    # another number of candidates is another content
    augment(texts, Options(4, candidates=1, vectors=str(vectors)), setting(tmp_path))
    assert len(list((tmp_path / "kept").iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "has no words with vectors"),
        (b"alarm 1 2\nclock 1\n", "line 2: 1 numbers, and the lines before have 2"),
        (b"alarm 1 2\nclock 1 x\n", "line 2: not a word and its numbers"),
        (b"alarm 1 2\nclock 1 nan\n", "line 2: 2 numbers"),
        (b"alarm\n", "line 1: 0 numbers"),
        (b"\xff\xfe\x00\n", "is not UTF-8 text"),
        (b"1 2 3\n, 4 5\n", "has no words with vectors"),
    ],
)
def test_a_file_that_has_no_vectors_is_refused(tmp_path, content, says):
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=says):
        read_vectors(path)


def test_what_can_be_refused_before_anything_trains_is(tmp_path, small_folder):
    with pytest.raises(UserError, match="cannot be read"):
        check(Options(vectors=str(tmp_path / "missing.txt")))
    ragged = tmp_path / "ragged.txt"
    ragged.write_text("alarm 1 2\nclock 1\n")
    with pytest.raises(UserError, match="line 2: 1 numbers, and the lines before have 2"):
        check(Options(vectors=str(ragged)))
    with pytest.raises(UserError, match="has no masked-language-modelling head .it is a BertForSequenceClassification"):
        check(Options(model=str(small_folder)))


def test_word2vecs_first_line_is_no_word(tmp_path):
    path = tmp_path / "word2vec.txt"
    path.write_text("2 2\nalarm 1 0\nclock 0 1\n")
    assert read_vectors(path).words == ["alarm", "clock"]


def test_the_teachers_own_embeddings_are_used_where_nothing_is_given(small_folder, tmp_path):
    texts = examples("wake me at seven thirty please", "play café jazz")
    found = augment(texts, Options(3), Setting(small_folder, 48, 0, tmp_path / "kept"))
    assert len(found) >= 4 and all(isinstance(made, Made) and made.texts != texts[made.origin or 0].texts for made in found)


def test_embeddings_agree_with_an_independent_count(small_folder, tmp_path):
    """numpy's cosine on the folder's own table, without batches or masks."""
    import numpy as np
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    from pocketbert.distill.candidates.neighbours import embeddings_of

    near = embeddings_of(small_folder)
    weights = load_file(small_folder / "model.safetensors")
    table = weights["bert.embeddings.word_embeddings.weight"].numpy().astype(np.float64)
    vocabulary = AutoTokenizer.from_pretrained(small_folder).get_vocab()
    rows = table[[vocabulary[word] for word in near.words]]
    rows = rows - rows.mean(0)
    latin = [i for i, word in enumerate(near.words) if word.isascii()]
    for word in itertools.islice((near.words[i] for i in latin), 20):
        own = rows[near.words.index(word)]
        cosines = {near.words[i]: rows[i] @ own / np.linalg.norm(rows[i]) for i in latin if near.words[i] != word}
        wanted = sorted(cosines, key=lambda other: -cosines[other])[:3]
        assert near.nearest([word], 3)[word] == wanted
