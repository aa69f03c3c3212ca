"""What is checked before every call, because runtimes do not: some abort the whole process on a bad id."""

from __future__ import annotations

import numpy as np

from pocketbert.edge_export.artifact.manifest import Manifest
from pocketbert.tasks import UserError


def check_inputs(manifest: Manifest, ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> None:
    """Refuses inputs that the graph was not made for.

    Args:
        manifest: of the file that is to run them.
        ids, mask, types: int32 (1, n).

    Raises:
        UserError: shape or dtype, length, an id outside the vocabulary, a mask that is not ones then zeros, a bad token type.
    """
    for name, array in (("input_ids", ids), ("attention_mask", mask), ("token_type_ids", types)):
        if array.dtype != np.int32 or array.ndim != 2 or array.shape != (1, ids.shape[-1]):
            raise UserError(f"{name} must be int32 of shape [1, n], found {array.dtype} {list(array.shape)}.")
    n = ids.shape[1]
    if n < 2 or manifest.lengths.fit(n) != n:
        raise UserError(f"this file does not take {n} tokens.")
    if ids.min() < 0 or ids.max() >= manifest.vocabulary_size:
        bad = int(ids[(ids < 0) | (ids >= manifest.vocabulary_size)][0])
        raise UserError(f"the id {bad} is outside the model's vocabulary of {manifest.vocabulary_size} rows.")
    ones = int(mask.sum())
    if ones < 1 or not np.array_equal(mask[0], np.arange(n) < ones):
        raise UserError("the attention mask must be ones, then zeros.")
    if types.min() < 0 or types.max() > 1:
        raise UserError("token types must be 0 or 1.")
