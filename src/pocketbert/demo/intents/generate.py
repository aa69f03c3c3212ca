"""Write train.tsv and dev.tsv from the templates, or check that they are what the templates give.

    python -m pocketbert.demo.intents.generate            # write both files
    python -m pocketbert.demo.intents.generate --check    # exit 1 where a file differs

The outcome depends on the seed alone: every draw goes through `random.Random.random`.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from pocketbert.demo.intents import DATA_DIR, HEADER
from pocketbert.demo.intents.grammar import expand, lines, normalise, overlap, word_set
from pocketbert.demo.intents.noise import add_noise, pick
from pocketbert.demo.intents.templates import DEV, TRAIN

SEED = 20240611
ROWS = {"train": 160, "dev": 34}
OUT_OF_SCOPE_ROWS = {"train": 260, "dev": 44}
MAX_DEV_TRAIN_OVERLAP = 0.75
_DRAWS_PER_ROW = 400

Row = tuple[str, str]


def rows_of_label(rng: random.Random, label: str, split: str, templates: list[str], taken: set[str]) -> list[Row]:
    """Draw the rows of one label, its templates in turn; no two rows are the same utterance under their noise."""
    wanted = (OUT_OF_SCOPE_ROWS if label == "out_of_scope" else ROWS)[split]
    rows: list[Row] = []
    for draw in range(wanted * _DRAWS_PER_ROW):
        if len(rows) == wanted:
            return rows
        core = expand(rng, templates[draw % len(templates)], split)
        text = add_noise(rng, core)
        keys = {normalise(core), normalise(text)}
        if not keys & taken:
            taken |= keys
            rows.append((text, label))
    raise ValueError(f"the {split} templates of {label} give only {len(rows)} of {wanted} rows")


def shuffled(rng: random.Random, rows: list[Row]) -> list[Row]:
    """Return the rows in a drawn order."""
    rows = list(rows)
    for last in range(len(rows) - 1, 0, -1):
        other = pick(rng, range(last + 1))
        rows[last], rows[other] = rows[other], rows[last]
    return rows


def closest(text: str, others: list[frozenset[str]]) -> float:
    """Return the largest word overlap of `text` with any of `others`."""
    words = word_set(text)
    return max(overlap(words, other) for other in others)


def build() -> dict[str, list[Row]]:
    """Return the rows of train and dev."""
    rng = random.Random(SEED)
    taken: set[str] = set()
    train = [row for label in TRAIN for row in rows_of_label(rng, label, "train", lines(TRAIN[label]), taken)]
    dev = [row for label in DEV for row in rows_of_label(rng, label, "dev", lines(DEV[label]), taken)]
    train_words = [word_set(text) for text, _ in train]
    dev = [row for row in dev if closest(row[0], train_words) < MAX_DEV_TRAIN_OVERLAP]
    return {"train": shuffled(rng, train), "dev": shuffled(rng, dev)}


def as_tsv(rows: list[Row]) -> bytes:
    """Return rows as the bytes of a TSV file: one header, no quoting, line feeds."""
    return "".join(f"{first}\t{second}\n" for first, second in [HEADER, *rows]).encode("utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Write the generated files, or compare them with `--check`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a committed file differs")
    parser.add_argument("--directory", type=Path, default=DATA_DIR, help="where the files lie (default: the package)")
    options = parser.parse_args(arguments)
    status = 0
    for split, rows in build().items():
        path, content = options.directory / f"{split}.tsv", as_tsv(rows)
        if not options.check:
            path.write_bytes(content)
            print(f"{path}: {len(rows)} rows")
        elif not path.is_file() or path.read_bytes() != content:
            print(f"{path} is not what the generator makes", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    raise SystemExit(main())
