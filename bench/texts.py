"""What is measured with: real text through the file's own tokenizer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pocketbert.edge_export.artifact import Artifact
from pocketbert.edge_export.artifact.tokenizing import Encoded

USUAL = (4, 40)  # tokens: from a command to a long sentence


def texts_for(artifact: Artifact, given: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The texts given, else the file's golden texts of usual length."""
    if given:
        return list(given)
    low, high = USUAL
    found = [v.texts for v in artifact.golden.vectors if low <= len(v.input_ids) <= min(high, artifact.manifest.lengths.longest)]
    return found or [vector.texts for vector in artifact.golden.vectors]


def lengths_for(artifact: Artifact) -> list[int]:
    """8, 16, 32, … and the longest: where the time by length is looked at."""
    lengths = artifact.manifest.lengths
    if lengths.static is not None:
        return sorted(lengths.static)
    powers = [1 << k for k in range(3, 16) if lengths.min <= 1 << k < lengths.max]
    return [*powers, lengths.max]


def cut_to(artifact: Artifact, texts: Sequence[tuple[str, ...]], n: int) -> Encoded:
    """Real text of exactly n tokens: the texts one after another, cut, with the closing token kept."""
    ids = [artifact.encode(text).input_ids[0] for text in texts]
    joined = np.concatenate([ids[0][:1], *(row[1:-1] for row in ids)])  # first token, then the texts without their frames
    row = np.resize(joined, n).astype(np.int32)[None]  # (1, n)
    row[0, -1] = ids[0][-1]
    return Encoded(row, np.ones_like(row), np.zeros_like(row), (), False)
