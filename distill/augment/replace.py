"""Variants of a text with some of its words replaced: by what a masked language model expects there, or by near words."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_doc import Doc
from annotated_types import Ge, Interval

from pocketbert.distill.augment import Made, Setting
from pocketbert.distill.candidates.words import Word, replaced, words_of
from pocketbert.distill.disk import folder_fingerprint, source_of
from pocketbert.distill.options import AUTO, STRICT, Auto, Copies
from pocketbert.distill.options import check as check_bounds
from pocketbert.distill.progress import Progress
from pocketbert.tasks import Example
from pocketbert.tasks.files import write_file

SLOW = True
# Candidates are kept after so many texts: what a kill costs at most.
SHARD = 256
CHECKED = 100  # words of a file of vectors that are read to see what it is
# A variant in which nothing was drawn is drawn again; a text of one word needs that often, one without words never changes.
TRIES = 5

Candidates = list[list[list[str]]]
"""Of one example: side of the pair -> word -> what may stand there, best first."""


@dataclass(frozen=True)
class Options:
    """TinyBERT's data augmentation (arXiv 1909.10351, algorithm 1)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    copies: Annotated[
        Copies | Auto, Doc("N_a: variants per text; TinyBERT's is 20. auto: up to 3, the fewer the more rows there are.")
    ] = AUTO
    probability: Annotated[Annotated[float, Interval(gt=0, le=1)], Doc("p_t: share of the words that are replaced.")] = 0.4
    candidates: Annotated[Annotated[int, Ge(1)], Doc("K: how many words are drawn from for each place.")] = 15
    model: Annotated[
        str | None,
        Doc("A masked language model, for words that are one piece of its vocabulary; null: all words by near vectors."),
    ] = None
    vectors: Annotated[
        str | None,
        Doc("A GloVe-format file, for the words that no model fills in; null: the model's, or the teacher's, input embeddings."),
    ] = None

    files: ClassVar[tuple[str, ...]] = ("model", "vectors")

    def __post_init__(self) -> None:
        check_bounds(self)


def check(options: Options) -> None:
    """Raises a UserError where the model has no head for it, or the file has no vectors."""
    from pocketbert.distill.candidates.masked import check_masked_model
    from pocketbert.distill.candidates.neighbours import read_vectors

    if options.model is not None:
        check_masked_model(source_of(options.model))
    if options.vectors is not None:
        read_vectors(Path(options.vectors), CHECKED)


def describe(options: Options) -> str:
    """Where the new words come from."""
    near = f"near words by {Path(options.vectors).name}" if options.vectors else "near words by input embeddings"
    if options.model is None:
        return f"some words replaced: {near}"
    return f"some words replaced: by the masked language model {Path(options.model).name}, and {near} where it has none"


def augment(examples: Sequence[Example], options: Options, setting: Setting) -> list[Made]:
    """Up to `options.copies` variants for each example, each once and none equal to its original.

    Args:
        examples: of a pair one side changes at a time, in turns, and the other stays as it is.
        options: see `Options`.
        setting: the same seed gives an example the same variants, whatever stands beside it.

    Raises:
        UserError: see `check`.

    Reference:
        TinyBERT (arXiv 1909.10351), algorithm 1.

    Differences from the paper and its code:
        Candidates are found once for each place of the original, as in the code (the paper finds them anew in each variant).
        A text is read with several words hidden at a time, in batches, and without the original beside it (the code: one word
        and one text at a time, the original as second segment). The vocabulary's commonest words are left alone (the code: a list
        of English stop words). In the code a pair's first text stays at its last variant while the second changes; here it is the
        original.
    """
    if not examples:
        return []
    finder = _Finder(options, setting)
    found: list[Made] = []
    for origin, example, sides, near in finder.places(examples):
        rng = random.Random(f"{setting.seed} {example.texts}")
        seen = {example.texts}
        for copy in range(int(options.copies)):
            side = copy % len(example.texts)
            for _ in range(TRIES):
                drawn = _drawn(near[side], options.probability, rng)
                texts = list(example.texts)
                texts[side] = replaced(texts[side], sides[side], drawn)
                if tuple(texts) not in seen:
                    seen.add(tuple(texts))
                    found.append(Made(tuple(texts), origin))
                    break
    return found


def _drawn(places: Sequence[Sequence[str]], probability: float, rng: random.Random) -> dict[int, str]:
    """Index of a word -> what takes its place."""
    return {i: rng.choice(names) for i, names in enumerate(places) if rng.random() < probability and names}


class _Finder:
    """Finds candidates, a shard of texts at a time, and keeps them by their content."""

    def __init__(self, options: Options, setting: Setting) -> None:
        from pocketbert.distill.candidates.masked import read_masked_model
        from pocketbert.distill.candidates.neighbours import embeddings_of, read_vectors

        self.options, self.setting = options, setting
        model = None if options.model is None else source_of(options.model)
        self.masked = None if model is None else read_masked_model(model, setting.max_length)
        self.near = embeddings_of(model or setting.teacher) if options.vectors is None else read_vectors(Path(options.vectors))
        sources = [model or setting.teacher] if options.vectors is None else [*filter(None, [model]), Path(options.vectors)]
        self.identity = [options.candidates, *map(_content_of, sources)]

    def places(self, examples: Sequence[Example]) -> Iterator[tuple[int, Example, list[list[Word]], Candidates]]:
        """(index, example, its words on each side, their candidates)."""
        known = self.near if self.options.vectors else ()
        progress = Progress("augment: replace", len(examples), 0)
        for start in range(0, len(examples), SHARD):
            some = examples[start : start + SHARD]
            words = [[words_of(text, known) for text in example.texts] for example in some]
            found = self._shard(some, words)
            for i, (example, sides, near) in enumerate(zip(some, words, found, strict=True)):
                yield start + i, example, sides, near
            progress.step(start + len(some), "texts")
        progress.close(len(examples), "texts")

    def _shard(self, examples: Sequence[Example], words: list[list[list[Word]]]) -> list[Candidates]:
        texts = [example.texts for example in examples]
        key = hashlib.sha256(json.dumps([self.identity, texts]).encode()).hexdigest()
        path = self.setting.kept / f"candidates-{key[:32]}.json"
        with contextlib.suppress(OSError, ValueError):  # not there, or cut by a kill
            return json.loads(path.read_text(encoding="utf-8"))
        found = self._found(texts, words)
        write_file(path, json.dumps(found, ensure_ascii=False).encode())
        return found

    def _found(self, texts: Sequence[tuple[str, ...]], words: list[list[list[Word]]]) -> list[Candidates]:
        count = self.options.candidates
        if self.masked is None:
            found: list[Candidates] = [[[[] for _ in side] for side in sides] for sides in words]
        else:
            found = self.masked.candidates(texts, words, count)
        places = [
            (found[i][side], index, word.text)
            for i, sides in enumerate(words)
            for side, entries in enumerate(sides)
            for index, word in enumerate(entries)
        ]
        near = self.near.nearest((word for names, index, word in places if not names[index]), count)
        for names, index, word in places:
            if word.lower() in self.near.commonest:
                names[index] = []
            elif not names[index]:
                names[index] = near[word]
        return found


def _content_of(source: Path | str) -> str:
    """What a cache knows a model folder, a file or a hub id by."""
    place = Path(source)
    if place.is_dir():
        return folder_fingerprint(place)
    return hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else str(source)
