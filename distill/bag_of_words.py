"""A bag of words: what the words alone say, learnt in seconds. A teacher or student that is no better is not worth its size."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pocketbert.tasks import Example, Task, targets_of

# A score that every label which occurs beats: the logarithm of a probability no row of any data set can tell from zero.
NEVER = -100.0
# The commonest words and pairs: all of them in most data, and a limit to time and memory in large data.
MOST_FEATURES = 100_000
# Of scikit-learn: its default, 1, fits many labels with few rows each less well (CLINC150 small: 83 % of dev; 10: 87 %).
C = 10.0
# Stochastic average gradient over all labels at once. On 7,600 rows with 151 labels lbfgs takes over ten times as long.
SOLVER = {"solver": "sag", "max_iter": 200, "tol": 1e-3, "random_state": 0}
# Letters of scripts that put no spaces between words: Thai, Lao, Burmese and Khmer, Japanese and Chinese.
SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")


def bag_of_words(task: Task, train: Sequence[Example], splits: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """TF-IDF of words and word pairs under logistic regression, or ridge regression where the targets are numbers.

    The two texts of a pair stand side by side, with a few numbers on how much they share. Where most letters are of a script
    without spaces, single characters and pairs of them take the place of words. The same rows always give the same outputs.

    Args:
        task: what the targets mean.
        train: labelled examples.
        splits: name -> examples to give outputs for; their targets are not looked at.

    Returns:
        {"outputs": name -> float32 (rows, outputs), "what": the method in words, "seconds": what it took}. For classes the
        outputs are logarithms of probabilities; a label that train lacks has NEVER.
    """
    began = time.monotonic()
    what = f"TF-IDF and {'logistic' if task.discrete else 'ridge'} regression"
    vectorizer = _fitted(train)
    if vectorizer is None:  # not one character that could be a word: only the targets are left to learn from
        outputs = {name: task.trivial(targets_of(list(train)), len(examples)) for name, examples in splits.items()}
        return {"outputs": outputs, "what": what, "seconds": time.monotonic() - began}
    answer = _learnt(task, _features(vectorizer, train), targets_of(list(train)))
    outputs = {name: answer(_features(vectorizer, examples)) for name, examples in splits.items()}
    return {"outputs": outputs, "what": what, "seconds": round(time.monotonic() - began, 1)}


def _fitted(train: Sequence[Example]):
    """A vectorizer that knows the training texts' words, or characters; None where there are none."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [text for example in train for text in example.texts]
    # beside the rest, since scikit-learn's declared type of dtype is that of its default
    common: dict[str, Any] = {"ngram_range": (1, 2), "sublinear_tf": True, "max_features": MOST_FEATURES, "dtype": np.float32}
    kinds: list[dict[str, Any]] = [{"token_pattern": r"(?u)\b\w+\b"}, {"analyzer": "char"}]
    if 2 * sum(len(SPACELESS.findall(text)) for text in texts) > sum(map(str.isalnum, "".join(texts))):
        kinds.reverse()
    for kind in kinds:
        vectorizer = TfidfVectorizer(**common, **kind)
        try:
            return vectorizer.fit(texts)
        except ValueError:  # an empty vocabulary
            continue
    return None


def _features(vectorizer, examples: Sequence[Example]):
    """Sparse float32 (rows, features)."""
    import scipy.sparse

    columns = list(zip(*(example.texts for example in examples), strict=True))
    sides = [vectorizer.transform(column) for column in columns]
    if len(sides) == 1:
        return sides[0]
    cosine = np.asarray(sides[0].multiply(sides[1]).sum(1)).reshape(-1, 1)
    terms = vectorizer.build_analyzer()
    shared = [_shared(set(terms(first)), set(terms(second))) for first, second in zip(*columns, strict=True)]
    return scipy.sparse.hstack([*sides, cosine, np.array(shared)], format="csr", dtype=np.float32)


def _shared(first: set[str], second: set[str]) -> tuple[float, float, float]:
    """What two texts have in common, as a share of the first, of the second and of both; words that train lacks count too."""
    both = len(first & second)
    return both / max(len(first), 1), both / max(len(second), 1), both / max(len(first | second), 1)


def _learnt(task: Task, features, targets: np.ndarray):
    """A function from features (rows, features) to outputs, float32 (rows, outputs)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    if not task.discrete:
        ridge = Ridge(random_state=0).fit(features, targets)
        return lambda found: ridge.predict(found).astype(np.float32).reshape(-1, 1)
    classes = np.unique(targets)
    if len(classes) < 2:
        return lambda found: task.trivial(targets, found.shape[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of the weights decide nothing
        model = LogisticRegression(C=C, **SOLVER).fit(features, targets)

    def answer(found) -> np.ndarray:
        outputs = np.full((found.shape[0], task.outputs), NEVER, np.float32)
        outputs[:, classes] = np.maximum(model.predict_log_proba(found), NEVER + 1)
        return outputs

    return answer
