"""Holds the Kotlin tokenizer against Hugging Face's over many texts: ids, token types, offsets, and what was truncated.

    python tools/android/maven.py process-test-classes -pl text
    python tests/android_demo/tokenizer_parity.py --seed 7 --count 1000000

The texts and what is right are Python's; Kotlin answers batches through a pipe (TokenizerStream.kt).
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
from tokenizers import BertWordPieceTokenizer, Tokenizer  # noqa: E402

from pocketbert.edge_export.artifact.tokenizing import open_tokenizer, prepare_tokenizer  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools" / "android")]  # no packages
from nasty_texts import SPECIALS, nasty  # noqa: E402
from tokenizer_files import UNLIMITED, java, write_tables  # noqa: E402

STRATEGIES = ("longest_first", "only_second")
BATCH = 8192

# BertNormalizer's settings: the two that models are trained with, and each other switch by itself
SETTINGS = {
    "uncased": {"lowercase": True},
    "cased": {"lowercase": False},
    "uncased, accents kept": {"lowercase": True, "strip_accents": False},
    "cased, accents stripped": {"lowercase": False, "strip_accents": True},
    "uncased, text not cleaned": {"lowercase": True, "clean_text": False},
    "uncased, Chinese characters not split": {"lowercase": True, "handle_chinese_chars": False},
}


def every_character() -> list[str]:
    """All 1,112,064 scalar values."""
    return [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


def alphabet() -> list[str]:
    """A vocabulary in which nearly every character of planes 0 to 2 is a piece, so that a wrong mapping shows in the ids.

    Combining marks with a class are left out: with them in the vocabulary no table describes the tokenizer.
    """
    codes = itertools.chain(range(33, 0xD800), range(0xE000, 0x20000), range(0x2A600, 0x2FA20))
    letters = [chr(code) for code in codes if not unicodedata.combining(chr(code))]
    return [*SPECIALS, *letters, *("##" + letter for letter in letters)]


def tokenizer_json(vocabulary: list[str], **settings) -> str:
    """A BERT tokenizer of `tokenizers`."""
    return BertWordPieceTokenizer(vocab={piece: i for i, piece in enumerate(vocabulary)}, **settings).to_str()


@dataclass(frozen=True)
class Found:
    """What one set came to.

    Args:
        texts: how many inputs were compared, pairs being one.
        tokens: of all of them, specials included.
        mismatches: the first few inputs that differ, with both answers.
        count: how many differ.
        exchanged: how many more differ in an unknown word's offsets alone, where NFD exchanges marks (docs/artifact.md).
        refused: inputs that both refuse to truncate.
    """

    texts: int
    tokens: int
    count: int
    exchanged: int
    refused: int
    mismatches: tuple[str, ...]


class Pair:
    """A tokenizer of `tokenizers`, and Kotlin's from the tables made of it, in a process of its own.

    Args:
        text: a tokenizer.json.
        folder: an empty folder for the tables.
        tables: other tables for Kotlin than those of `text`.
    """

    def __init__(self, text: str, folder: Path, tables: Path | None = None) -> None:
        self._text = text
        self._settings = json.loads(text)["normalizer"]
        self._unknown = write_tables(text, folder).unk_id
        command = [*java(), "dev.pocketbert.tokenizer.TokenizerStreamKt", str(tables or folder)]
        self._kotlin = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._references: dict[tuple[int, str], Tokenizer] = {}

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_) -> None:
        self._kotlin.stdin.write(_int32(0))
        self._kotlin.stdin.close()
        self._kotlin.stdout.close()
        self._kotlin.wait()

    def compare(self, inputs: Iterable[tuple[str, ...]], max_length: int = UNLIMITED, strategy: str = STRATEGIES[0]) -> Found:
        """Tokenizes texts or pairs with both; all inputs are of one width."""
        texts = tokens = count = exchanged = refused = 0
        shown: list[str] = []
        for batch in _batches(inputs):
            self._send(batch, max_length, strategy)
            right = self._reference(batch, max_length, strategy)
            found = self._receive(len(batch))
            texts += len(batch)
            tokens += len(right[2][0])
            refused += int((right[0] < 0).sum())
            if all(np.array_equal(*both) for both in zip(_flat(right), _flat(found), strict=True)):
                continue
            for given, expected, answer in zip(batch, _rows(right), _rows(found), strict=True):
                if expected == answer:
                    continue
                if expected is not None and answer is not None and self._exchanged(given, expected, answer):
                    exchanged += 1
                    continue
                count += 1
                if len(shown) < 5:
                    shown.append(f"{given!r} (at most {max_length}, {strategy}):\n  right {expected}\n  found {answer}")
        return Found(texts, tokens, count, exchanged, refused, tuple(shown))

    def _send(self, batch: list[tuple[str, ...]], max_length: int, strategy: str) -> None:
        texts = [text.encode() for given in batch for text in given]
        head = (len(batch), len(batch[0]), max_length, STRATEGIES.index(strategy), *map(len, texts))
        self._kotlin.stdin.write(_int32(*head) + b"".join(texts))
        self._kotlin.stdin.flush()

    def _receive(self, count: int):
        lengths = self._read(count)
        truncated = self._read(count)
        columns = [self._read(int(lengths.clip(0).sum())) for _ in range(4)]
        return lengths, truncated, columns

    def _read(self, count: int) -> np.ndarray:
        data = self._kotlin.stdout.read(4 * count)
        if len(data) < 4 * count:
            raise SystemExit("the Kotlin program ended; what it said stands above.")
        return np.frombuffer(data, ">i4")

    def _reference(self, batch: list[tuple[str, ...]], max_length: int, strategy: str):
        """In the form of `_receive`."""
        tokenizer = self._references.get((max_length, strategy))
        if tokenizer is None:
            tokenizer = self._references[max_length, strategy] = open_tokenizer(*prepare_tokenizer(self._text, max_length))
            tokenizer.enable_truncation(max_length, strategy=strategy, stride=0, direction="right")
        single = len(batch[0]) == 1
        if strategy == "longest_first":
            encodings = tokenizer.encode_batch([given[0] for given in batch] if single else batch)
        else:
            encodings = [_encode_or_none(tokenizer, given) for given in batch]  # one refusal would refuse the batch
        given = [each for each in encodings if each is not None]
        places = np.array([place for each in given for place in each.offsets], np.int32).reshape(-1, 2)
        return (
            np.array([-1 if each is None else len(each) for each in encodings], np.int32),
            np.array([each is not None and bool(each.overflowing) for each in encodings], np.int32),
            [
                np.array([number for each in given for number in each.ids], np.int32),
                np.array([number for each in given for number in each.type_ids], np.int32),
                places[:, 0],
                places[:, 1],
            ],
        )

    def _exchanged(self, given: tuple[str, ...], expected: tuple, answer: tuple) -> bool:
        """Whether nothing differs but places of unknown words in a text whose combining marks NFD exchanges."""
        known = [expected[i][at] for i in (3, 4) for at, number in enumerate(expected[1]) if number != self._unknown]
        found = [answer[i][at] for i in (3, 4) for at, number in enumerate(answer[1]) if number != self._unknown]
        strips = self._settings["strip_accents"]
        if expected[:3] != answer[:3] or known != found or not (self._settings["lowercase"] if strips is None else strips):
            return False
        return any(
            unicodedata.normalize("NFD", text) != "".join(unicodedata.normalize("NFD", character) for character in text)
            for text in given
        )


def nasty_texts(seed: int, count: int, width: int = 1) -> Iterator[tuple[str, ...]]:
    """`count` inputs of one or two texts."""
    rng = random.Random(seed)
    return (tuple(nasty(rng) for _ in range(width)) for _ in range(count))


def alone() -> Iterator[tuple[str]]:
    """Every character as a text of its own."""
    return ((character,) for character in every_character())


def among_others(below: int = 0x110000) -> Iterator[tuple[str]]:
    """Every character below a code point between spaces, then between letters, 32 to a text."""
    characters = [character for character in every_character() if ord(character) < below]
    for begin in range(0, len(characters), 32):
        some = characters[begin : begin + 32]
        yield (" ".join(some),)
        yield (" ".join(f"a{character}b" for character in some),)


def data_texts(folder: Path) -> Iterator[tuple[str]]:
    """Every text in a folder of data sets: cells of .tsv, lines of .txt, strings and lists of words in JSON; .gz too."""
    for path in sorted(folder.rglob("*")):
        kind = path.name.removesuffix(".gz").rpartition(".")[2]
        if path.is_dir() or kind not in ("tsv", "txt", "json", "jsonl"):
            continue
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in [lines.read()] if kind == "json" else lines:
                if kind == "txt":
                    yield (line,)
                elif kind == "tsv":
                    yield from ((cell,) for cell in line.split("\t"))
                else:
                    yield from ((text,) for text in _strings(json.loads(line)))


def _strings(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        yield " ".join(value)
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _encode_or_none(tokenizer: Tokenizer, given: tuple[str, ...]):
    try:
        return tokenizer.encode(*given)
    except Exception as error:  # the Rust library raises bare Exception
        if "runcation error" not in str(error):
            raise
        return None


def _batches(inputs: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    source = iter(inputs)
    while batch := list(itertools.islice(source, BATCH)):
        yield batch


def _flat(answer) -> list[np.ndarray]:
    return [answer[0], answer[1], *answer[2]]


def _rows(answer) -> Iterator[tuple | None]:
    """(truncated, ids, types, starts, ends) an input; None where it was refused."""
    lengths, truncated, columns = answer
    at = 0
    for length, cut in zip(lengths, truncated, strict=True):
        if length < 0:
            yield None
            continue
        yield (bool(cut), *(column[at : at + length].tolist() for column in columns))
        at += length


def _int32(*numbers: int) -> bytes:
    return np.array(numbers, ">i4").tobytes()


def main() -> int:
    """Returns 0 if nothing differs, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7, help="of the generator")
    parser.add_argument("--count", type=int, default=1_000_000, help="generated texts, and a tenth as many pairs a length")
    parser.add_argument("--vocabulary", type=Path, help="a vocab.txt, such as BERT's; default: nearly every character")
    parser.add_argument("--settings", choices=SETTINGS, default="uncased")
    parser.add_argument("--characters", action="store_true", help="every character too: alone, between spaces, between letters")
    parser.add_argument("--data", type=Path, help="a folder of data sets: every text in them too")
    given = parser.parse_args()
    vocabulary = given.vocabulary.read_text(encoding="utf-8").split("\n")[:-1] if given.vocabulary else alphabet()
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        with Pair(tokenizer_json(vocabulary, **SETTINGS[given.settings]), Path(folder)) as pair:
            sets = [(f"{given.count} texts of seed {given.seed}", nasty_texts(given.seed, given.count), {})]
            if given.characters:
                sets.append(("every character alone", alone(), {}))
                sets.append(("every character between spaces and between letters", among_others(), {}))
            if given.data:
                sets.append((f"every text under {given.data.name}/", data_texts(given.data), {}))
            for max_length, strategy in itertools.product((5, 8, 17, 64), STRATEGIES):
                texts = nasty_texts(given.seed + max_length, given.count // 10, 2)
                sets.append((f"pairs in {max_length}, {strategy}", texts, {"max_length": max_length, "strategy": strategy}))
            for name, inputs, options in sets:
                found = pair.compare(inputs, **options)
                worst = max(worst, found.count)
                aside = f"{found.tokens} tokens, {found.refused} refused by both, {found.exchanged} with exchanged marks"
                print(f"{name}: {found.count} of {found.texts} differ ({aside})", flush=True)
                print(*found.mismatches, sep="\n", end="\n" if found.mismatches else "")
    return int(worst > 0)


if __name__ == "__main__":
    sys.exit(main())
