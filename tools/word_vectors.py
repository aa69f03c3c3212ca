"""Word vectors from plain text, in GloVe's format, for languages that have none at hand.

    python tools/word_vectors.py corpus.txt more.txt.gz --out vectors.txt --cut jieba

Counts which words stand within five words of each other, takes positive pointwise mutual information, and keeps the largest
singular directions (Levy and Goldberg, Neural Word Embedding as Implicit Matrix Factorization, 2014; the square root of the
singular values is from Levy, Goldberg and Dagan, 2015). `--cut jieba` is for Chinese, and needs jieba.
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.decomposition import TruncatedSVD

from pocketbert.distill.candidates.words import words_of
from pocketbert.tasks.files import write_file

WINDOW = 5  # words on each side


def sentences(paths: list[Path], cut: Callable[[str], list[str]]) -> Iterator[list[str]]:
    """The words of every line."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for line in file:
                if words := cut(line):
                    yield words


def vectors(lines: list[list[str]], most: int, width: int) -> tuple[list[str], np.ndarray]:
    """(the commonest words, their vectors (words, width))."""
    counts = Counter(word for line in lines for word in line)
    words = [word for word, count in counts.most_common(most) if count >= 5]
    index = {word: i for i, word in enumerate(words)}
    pairs = csr_matrix((len(words), len(words)), dtype=np.float32)
    for start in range(0, len(lines), 20_000):
        rows, columns = [], []
        for line in lines[start : start + 20_000]:
            ids = [index.get(word, -1) for word in line]
            for distance in range(1, WINDOW + 1):
                near = [(a, b) for a, b in zip(ids, ids[distance:], strict=False) if a >= 0 and b >= 0]
                rows += [a for a, _ in near]
                columns += [b for _, b in near]
        pairs += coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), pairs.shape).tocsr()
    pairs = (pairs + pairs.T).tocoo()
    often = np.asarray(pairs.sum(1)).ravel()
    context = often**0.75  # rare contexts count less (Levy, Goldberg and Dagan, section 3.2)
    mutual = np.log(pairs.data * context.sum() / (often[pairs.row] * context[pairs.col]))
    kept = mutual > 0
    positive = csr_matrix((mutual[kept].astype(np.float32), (pairs.row[kept], pairs.col[kept])), pairs.shape)
    svd = TruncatedSVD(width, random_state=0)
    found = svd.fit_transform(positive) / np.sqrt(np.maximum(svd.singular_values_, 1e-6))  # (words, width)
    return words, found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path, nargs="+", help="plain text, one sentence or paragraph a line; .gz too")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cut", choices=["words", "jieba"], default="words", help="how a line is cut into words")
    parser.add_argument("--most", type=int, default=40_000, help="how many words")
    parser.add_argument("--width", type=int, default=200, help="numbers per word")
    given = parser.parse_args()
    if given.cut == "jieba":
        import jieba  # pyright: ignore[reportMissingImports]

        def cut(line: str) -> list[str]:
            return [word for word in jieba.lcut(line) if any(part.text for part in words_of(word))]
    else:

        def cut(line: str) -> list[str]:
            return [word.text.lower() for word in words_of(line)]

    words, found = vectors(list(sentences(given.corpus, cut)), given.most, given.width)
    lines = (f"{word} {' '.join(f'{value:.4f}' for value in row)}\n" for word, row in zip(words, found, strict=True))
    write_file(given.out, "".join(lines).encode())


if __name__ == "__main__":
    main()
