"""Which texts are measured, and real text of exact lengths made from them."""

from __future__ import annotations

import numpy as np

from pocketbert.bench.plan import Plan
from pocketbert.bench.record import Texts
from pocketbert.edge_export.artifact import Artifact
from pocketbert.edge_export.artifact.tokenizing import Encoded
from pocketbert.tasks import UserError

GOLDEN = "the golden texts of the first file"
# A WordPiece token is 4 characters of English on average and seldom more than 20 of anything.
CHARACTERS_A_TOKEN = 20


def choose(artifact: Artifact, plan: Plan) -> tuple[tuple[tuple[str, ...], ...], str]:
    """(the texts to measure, where they are from), thinned out evenly to the plan's `most_texts`.

    Raises:
        UserError: no text, or a single text for a pair model or the other way round.
    """
    given, source = plan.texts, plan.texts_from or "given by the caller"
    if given is None:
        given, source = tuple(vector.texts for vector in artifact.golden.vectors), GOLDEN
    if not given:
        raise UserError("bench: there is no text to measure with.")
    wanted = 2 if artifact.task.pair else 1
    for row, texts in enumerate(given, 1):
        if len(texts) != wanted:
            raise UserError(f"bench: {artifact.path.name} takes {wanted} text(s) at a time, row {row} has {len(texts)}.")
    if len(given) <= plan.most_texts:
        return tuple(given), source
    chosen = np.linspace(0, len(given) - 1, plan.most_texts).round().astype(int)
    return tuple(given[i] for i in chosen), f"{source}, {plan.most_texts} of {len(given)} evenly"


def described(source: str, encoded: list[Encoded]) -> Texts:
    """The length distribution of what was measured."""
    lengths = np.array([row.length for row in encoded])
    return Texts(
        source=source,
        count=len(encoded),
        tokens_min=int(lengths.min()),
        tokens_p50=float(np.percentile(lengths, 50)),
        tokens_p90=float(np.percentile(lengths, 90)),
        tokens_max=int(lengths.max()),
        truncated=sum(row.truncated for row in encoded),
    )


def of_lengths(artifact: Artifact, texts: tuple[tuple[str, ...], ...], lengths: tuple[int, ...]) -> dict[int, Encoded]:
    """length -> the texts run together and cut to exactly that many tokens, the closing separator kept.

    Lengths that the file does not take are left out; the longest that it takes is always there if the text allows.
    """
    takes = artifact.manifest.lengths
    joined = [" ".join(parts) for parts in zip(*texts, strict=True)]
    if not any(part.strip() for part in joined):
        return {}
    repeats = [-(-takes.longest * CHARACTERS_A_TOKEN // max(len(part), 1)) for part in joined]
    whole = artifact.encode(tuple(" ".join([part] * times) for part, times in zip(joined, repeats, strict=True)))
    least = max(3, takes.min or 0)  # a token between the special ones; a static length is padded to
    wanted = sorted({n for n in lengths if least <= n <= whole.length} | {whole.length})
    return {n: _cut(whole, n) for n in wanted}


def _cut(whole: Encoded, n: int) -> Encoded:
    keep = [*range(n - 1), whole.length - 1]
    rows = (whole.input_ids, whole.attention_mask, whole.token_type_ids)
    ids, mask, types = (np.ascontiguousarray(row[:, keep]) for row in rows)  # (1, n)
    return Encoded(ids, mask, types, tuple(whole.tokens[i] for i in keep), truncated=True)
