"""The words whose vectors are nearest to a word's: of a GloVe file, or of a model's own input embeddings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel

from pocketbert.distill.candidates.words import is_cjk, is_word, whole_words
from pocketbert.distill.folders import read_tokenizer
from pocketbert.tasks import UserError
from pocketbert.tasks.quiet import quiet

# The commonest words, which stand first in such files: as many as TinyBERT's code reads. Rarer ones make odd neighbours.
MOST_WORDS = 100_000
# The commonest of them hold a sentence together and have no near words of their own: to, of, by, at. Vocabularies and files of
# vectors begin with the commonest.
COMMONEST = 100
BATCH = 256  # words looked up at a time: their similarities to all others are one matrix of this many rows


class Neighbours:
    """Words and their vectors.

    Args:
        words: distinct, the commonest first.
        vectors: (words, width), any floating type; their common mean is taken off, since what all vectors share says nothing.
    """

    def __init__(self, words: Sequence[str], vectors: np.ndarray) -> None:
        self.words = list(words)
        self.index = {word: i for i, word in enumerate(self.words)}
        centred = vectors - vectors.mean(0, dtype=np.float64).astype(np.float32)
        self.units = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)  # (words, width)
        self.cjk = np.array([is_cjk(word) for word in self.words], dtype=bool)
        self.commonest = frozenset(itertools.islice((word for word in self.words if not is_cjk(word)), COMMONEST))

    def __contains__(self, word: str) -> bool:
        return word in self.index

    def nearest(self, words: Iterable[str], count: int) -> dict[str, list[str]]:
        """The `count` nearest by cosine to each word, itself left out, of the same script; [] for a word without a vector.

        Args:
            words: as they stand in a text; where one has no vector its lower case may have.
            count: how many, at least 1.
        """
        found: dict[str, list[str]] = {word: [] for word in words}
        asked = [word for word in found if self._row(word) is not None]
        for names in (asked[i : i + BATCH] for i in range(0, len(asked), BATCH)):
            near = self.units[[self._row(name) for name in names]] @ self.units.T  # (batch, words)
            near[np.array([is_cjk(name) for name in names])[:, None] != self.cjk[None, :]] = -np.inf
            taken = min(count + 2, len(self.words))  # the word itself and its lower case may be among them
            best = np.argpartition(-near, taken - 1, axis=1)[:, :taken]
            for name, row, columns in zip(names, near, best, strict=True):
                ordered = columns[np.lexsort((columns, -row[columns]))]  # the commoner first where two are as near
                others = [self.words[i] for i in ordered if self.words[i].lower() != name.lower() and np.isfinite(row[i])]
                found[name] = others[:count]
        return found

    def _row(self, word: str) -> int | None:
        return self.index.get(word, self.index.get(word.lower()))


def read_vectors(path: Path, most: int = MOST_WORDS) -> Neighbours:
    """The first `most` words of a file with a word and its numbers on each line, as GloVe and word2vec write it.

    Raises:
        UserError: it cannot be read, or a line has another number of numbers than the first; the line is named.
    """
    words: dict[str, int] = {}
    vectors: list[np.ndarray] = []
    for number, line in _lines(path):
        word, *numbers = line.rstrip().split(" ")
        if number == 1 and len(numbers) == 1:  # word2vec's first line: how many words, how wide
            continue
        try:
            vector = np.array(numbers, dtype=np.float32)
        except ValueError:
            raise UserError(f"{path}, line {number}: not a word and its numbers ({line[:60]!r}).") from None
        if not numbers or (vectors and len(vector) != len(vectors[0])) or not np.isfinite(vector).all():
            width = f", and the lines before have {len(vectors[0])}" if vectors else ""
            raise UserError(f"{path}, line {number}: {len(numbers)} numbers{width}; each line needs as many, and finite ones.")
        if is_word(word) and word not in words:
            words[word] = len(vectors)
            vectors.append(vector)
        if len(vectors) == most:
            break
    if len(vectors) < 2:
        raise UserError(f"{path}: has no words with vectors; each line is a word and its numbers, with spaces between.")
    return Neighbours(list(words), np.stack(vectors))


def embeddings_of(source: Path | str) -> Neighbours:
    """A model's input embeddings: the whole words of its vocabulary. The mean of a longer word's pieces says nothing of it.

    Args:
        source: a model folder or hub id.

    Raises:
        UserError: it cannot be loaded.
    """
    whole = whole_words(read_tokenizer(source))
    with quiet():
        table = AutoModel.from_pretrained(str(source), dtype=torch.float32).get_input_embeddings().weight
    return Neighbours(list(whole), table.detach().numpy()[list(whole.values())])


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text; a file of word vectors has a word and its numbers on each line.") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from None
