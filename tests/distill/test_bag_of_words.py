"""The bag of words: its scores against the formulas solved another way, and data in which only one thing can be learnt."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (pip install -e '.[distill]')")

from pocketbert.distill.bag_of_words import NEVER, C, bag_of_words
from pocketbert.tasks import (
    UNKNOWN,
    Classification,
    Columns,
    Example,
    Regression,
    infer_task,
    read_examples,
    read_table,
    targets_of,
)

TASK = Classification(("alarm", "music", "weather"))
TRAIN = [
    ("wake me at six, at six", 0),
    ("set an alarm for six", 0),
    ("play some jazz", 1),
    ("put on some music", 1),
    ("will it rain at six", 2),
    ("is it going to rain", 2),
]


def examples(rows) -> list[Example]:
    return [Example(texts if isinstance(texts, tuple) else (texts,), target, i) for i, (texts, target) in enumerate(rows, 1)]


def outputs(task, train, rows) -> np.ndarray:
    return bag_of_words(task, examples(train), {"dev": examples([(texts, None) for texts in rows])})["outputs"]["dev"]


def test_the_scores_are_those_of_the_formulas():
    # TF-IDF written out: (1 + ln tf) (1 + ln((1 + n) / (1 + df))), each text scaled to length 1. The same objective,
    # |W|^2 / 2 + C sum of log losses with a free bias, minimised by scipy's L-BFGS instead of scikit-learn's solver.
    optimize = pytest.importorskip("scipy.optimize")
    dev = ["wake me for jazz", "rain at six"]

    def terms(text):
        words = re.findall(r"\w+", text.lower())
        return Counter(words + [" ".join(two) for two in zip(words, words[1:], strict=False)])

    counted = [terms(text) for text, _ in TRAIN]
    vocabulary = sorted({term for count in counted for term in count})
    weight = {term: 1 + math.log((1 + len(TRAIN)) / (1 + sum(term in count for count in counted))) for term in vocabulary}

    def vector(text):
        row = np.array([(1 + math.log(terms(text)[term])) * weight[term] if terms(text)[term] else 0 for term in vocabulary])
        return row / np.linalg.norm(row)

    features, targets = np.stack([vector(text) for text, _ in TRAIN]), np.array([target for _, target in TRAIN])

    def log_probabilities(flat, rows):
        table = flat.reshape(3, -1)
        scores = rows @ table[:, 1:].T + table[:, 0]
        return scores - np.log(np.exp(scores).sum(1, keepdims=True))

    def loss(flat):
        weights = flat.reshape(3, -1)[:, 1:]
        return (weights**2).sum() / 2 - C * log_probabilities(flat, features)[np.arange(len(TRAIN)), targets].sum()

    start = np.zeros(3 * (len(vocabulary) + 1))
    best = optimize.minimize(loss, start, method="L-BFGS-B", options={"maxiter": 5000, "maxfun": 10**6, "ftol": 1e-12})
    wanted = log_probabilities(best.x, np.stack([vector(text) for text in dev]))
    assert outputs(TASK, TRAIN, dev) == pytest.approx(wanted, abs=0.1)  # the solver stops when the weights move by a thousandth


def test_the_same_rows_give_the_same_scores():
    first, second = (outputs(TASK, TRAIN, ["wake me", "some rain"]) for _ in range(2))
    assert np.array_equal(first, second) and first.dtype == np.float32 and first.shape == (2, 3)


def test_a_label_that_train_lacks_is_never_said():
    task = Classification(("alarm", "call", "music", "weather"))
    train = [(text, {0: 0, 1: 2, 2: 3}[target]) for text, target in TRAIN]
    found = outputs(task, train, ["wake me", "call my mother", ""])
    assert found.shape == (3, 4) and (found[:, 1] == NEVER).all() and (found.argmax(1) != 1).all()
    assert np.isfinite(found).all() and (np.delete(found, 1, 1) > NEVER).all()


def test_targets_of_what_is_scored_are_not_looked_at():
    known, unknown = ([Example(("wake me",), target, 1)] for target in (0, UNKNOWN))
    found = bag_of_words(TASK, examples(TRAIN), {"dev": known, "test": unknown})
    assert np.array_equal(found["outputs"]["dev"], found["outputs"]["test"]) and found["seconds"] >= 0


def test_texts_without_spaces_are_read_by_characters():
    # one character decides; as a word each text would be a new one
    filler = "的一是在不了有和人这中大为上个国我以要他"
    rng = np.random.default_rng(1)

    def text(sign):
        drawn = [filler[i] for i in rng.integers(0, len(filler), 12)]
        return "".join([*drawn[:6], sign, *drawn[6:]])

    task = Classification(("bad", "good"))
    train = [(text("坏好"[i % 2]), i % 2) for i in range(80)]
    found = outputs(task, train, [text("坏好"[i % 2]) for i in range(20)])
    assert found.argmax(1).tolist() == [0, 1] * 10


def test_of_a_pair_it_sees_what_both_share():
    # no word of dev is in train: only how much two texts have in common is left
    task = Classification(("different", "same"), pair=True)

    def pairs(words, count):
        fours = list(zip(words, words[1:], words[2:], words[3:], strict=False))[:count]
        return [pair for w, v, x, y in fours for pair in (((f"{w} {v}", f"{v} {w}"), 1), ((f"{w} {v}", f"{x} {y}"), 0))]

    train = pairs([f"tree{i}" for i in range(60)], 25)
    dev = pairs([f"stone{i}" for i in range(40)], 15)
    found = outputs(task, train, [texts for texts, _ in dev])
    assert found.argmax(1).tolist() == [target for _, target in dev]


def test_values_are_learnt_by_ridge_regression():
    task = Regression(low=0, high=5)
    train = [("cold " * 3, 0.0), ("cold warm", 2.5), ("warm warm", 5.0), ("warm", 5.0), ("cold", 0.0)]
    found = outputs(task, train, ["cold", "cold warm", "warm"])
    assert found.shape == (3, 1) and found.dtype == np.float32 and (np.diff(found[:, 0]) > 0.5).all()
    assert "ridge" in bag_of_words(task, examples(train), {})["what"]


@pytest.mark.parametrize("train", [[("!!", 0), ("??", 1), ("!!!", 0)], [("🙂", 0), ("🙁", 1), ("🙂🙂", 0)]])
def test_where_there_are_no_words_the_characters_are_taken(train):
    assert outputs(TASK, train, [train[0][0], train[1][0]]).argmax(1).tolist() == [0, 1]


def test_where_there_is_no_text_at_all_it_says_the_commonest():
    found = outputs(TASK, [("", 2), ("", 2), ("", 0)], ["", "wake me"])
    assert found.shape == (2, 3) and found.argmax(1).tolist() == [2, 2]


def test_it_needs_no_torch():
    code = (
        "import sys\n"
        "from pocketbert.distill.bag_of_words import bag_of_words\n"
        "from pocketbert.tasks import Classification, Example\n"
        "rows = [Example((t,), i % 2, 1) for i, t in enumerate(['a b', 'c d', 'a', 'c'])]\n"
        "print(bag_of_words(Classification(('x', 'y')), rows, {'dev': rows})['outputs']['dev'].argmax(1).tolist())\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[0, 1, 0, 1]", "[]"]


# What it reached when it was written, less a point for other versions of scikit-learn. The commonest label has 3.2 % of the first
# set, and a constant correlates with nothing.
@pytest.mark.parametrize(
    ("name", "train", "kind", "least"),
    [("clinc150", "train_small.tsv", "classification", 0.861), ("stsb", "train.tsv", "regression", 0.660)],
)
def test_on_real_data(shared_data, name, train, kind, least):
    folder = shared_data / name
    task = infer_task(read_table(folder / train), Columns(), kind)
    dev = read_examples(folder / "dev.tsv", task)
    found = bag_of_words(task, read_examples(folder / train, task), {"dev": dev})["outputs"]["dev"]
    assert task.metrics(found, targets_of(dev))[task.metric] >= least
