"""Damaged and odd sealed files: every reader must come to the same verdict on each of them.

All of it comes from fixed seeds, so a case's name is enough to find it again.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import manifest_edits
from entry_edits import golden_edits, large_normalizer, largest, normalizer_edits, vocabulary_edits
from sealing import CLASSIFICATION, edited, entry_of, sealed_file, with_entry, with_large_entry

from pocketbert.edge_export.artifact.manifest import Output

FUZZED = 250  # copies of an entry with a few bytes changed, each


@dataclass(frozen=True)
class Case:
    """A file.

    Args:
        name: unique; says what was done to it.
        data: its bytes.
        refused: whether a reader must refuse it; None where only the readers' agreement is asked for.
    """

    name: str
    data: bytes
    refused: bool | None = True


def everything(container: str) -> Iterator[Case]:
    """The whole corpus for one container, names unique within it."""
    whole = sealed_file(container)
    yield Case("as it was sealed", whole, refused=False)
    yield from flipped_bits(whole)
    yield from cut_off(whole)
    yield from with_tails(whole)
    yield from moved(whole)
    yield entries_over_one_another()
    yield from odd_manifests(container)
    yield from odd_entries(container)
    yield from other_tasks(container)
    yield from other_files()
    if container == "tflite":  # megabytes each, and the same for all
        yield from too_large(container)


def flipped_bits(whole: bytes) -> Iterator[Case]:
    """Every byte of the compute part's edges and of the end record; a sample of the long middle."""
    rng = random.Random(11)
    places = [*range(16), *range(290, 420), *range(len(whole) - 60, len(whole)), *rng.sample(range(len(whole)), 400)]
    for i, place in enumerate(places):
        bit = rng.randrange(8)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        yield Case(f"flip {i}: bit {bit} of byte {place}", bytes(damaged))


def cut_off(whole: bytes) -> Iterator[Case]:
    rng = random.Random(12)
    for i, end in enumerate([0, 1, 8, 21, 22, 299, 300, *rng.sample(range(len(whole)), 60), len(whole) - 1]):
        yield Case(f"cut {i}: the first {end} bytes", whole[:end])


def with_tails(whole: bytes) -> Iterator[Case]:
    for name, tail in (("a zero", b"\0"), ("a signature", b"PK\x05\x06"), ("its end record", whole[-22:]), ("itself", whole)):
        yield Case(f"{name} behind it", whole + tail)


def moved(whole: bytes) -> Iterator[Case]:
    """Bytes inserted, taken out, or overwritten."""
    rng = random.Random(13)
    for i in range(150):
        a, b = sorted(rng.sample(range(len(whole)), 2))
        junk = rng.randbytes(rng.randint(1, 9))
        for name, damaged in (
            ("inserted", whole[:a] + junk + whole[a:]),
            ("taken out", whole[:a] + whole[b:]),
            ("overwritten", whole[:a] + junk + whole[a + len(junk) :]),
        ):
            if damaged != whole:
                yield Case(f"moved {i}: {name} at {a}", damaged)


def entries_over_one_another() -> Case:
    """32 entries that all name the same megabytes: a reader that copies first needs 32 times the file's size."""
    big = b"\0" * (4 << 20)
    body = b"PK\x03\x04" + bytes(26) + b"aa" + big
    central = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, len(big), len(big), 2, 0, 0, 0, 0, 0, 0)
        + f"{i:02}".encode()
        for i in range(32)
    )
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 32, 32, len(central), len(body), 0)
    return Case("entries over one another", body + central + end)


def odd_manifests(container: str) -> Iterator[Case]:
    """Manifests edited by hand, then fuzzed; the seal around them is canonical."""
    whole = sealed_file(container)
    for i, (edit, says) in enumerate(manifest_edits.REFUSED):
        yield Case(f"manifest {i}: refused with {says!r}", edited(whole, edit))
    for name, edit in manifest_edits.ODD.items():
        yield Case(f"manifest: {name}", edited(whole, edit))
    for name, edit in manifest_edits.ACCEPTED.items():
        yield Case(f"manifest: {name}", edited(whole, edit), refused=False)
    yield Case("an entry more", sealed_file(container, more={"extra.bin": b"123"}), refused=False)
    for i, text in enumerate(_fuzzed(entry_of(whole, "manifest.json"), 14)):
        yield Case(f"manifest fuzzed {i}", edited(whole, lambda _, text=text: text), refused=None)


def odd_entries(container: str) -> Iterator[Case]:
    """Entries with another content, and hashes that fit it."""
    whole = sealed_file(container)
    for name, edits in (("golden.json", golden_edits), ("normalizer.bin", normalizer_edits), ("vocab.txt", vocabulary_edits)):
        data = entry_of(whole, name)
        for what, refused, changed in edits(data):
            yield Case(f"{name}: {what}", with_entry(whole, name, changed), refused)
        for i, changed in enumerate(_fuzzed(data, 15)):
            yield Case(f"{name} fuzzed {i}", with_entry(whole, name, changed), refused=None)


def too_large(container: str) -> Iterator[Case]:
    """Entries at their bounds and past them, with nothing else wrong."""
    whole = sealed_file(container)
    for name in ("golden.json", "vocab.txt"):
        for more in (0, 1):
            yield Case(
                f"{name} of 8 MiB and {more}", with_large_entry(whole, name, largest(name, entry_of(whole, name), more)), more > 0
            )
    for size in ((1 << 20) - 7, (1 << 20) + 1):
        data = large_normalizer(size)
        yield Case(f"normalizer.bin of {size}", with_large_entry(whole, "normalizer.bin", data), size > 1 << 20)


def other_tasks(container: str) -> Iterator[Case]:
    """Pairs, probabilities and regression, right and wrong."""
    value, probabilities = Output(name="logits", kind="value", size=1), Output(name="probabilities", kind="probabilities", size=2)
    regression = {"kind": "regression", "pair": True, "unit": "score", "low": 0, "high": 5.5}
    pair = sealed_file(container, task={**CLASSIFICATION, "pair": True})
    yield Case("a pair task", pair, refused=False)
    yield Case("a pair task with single texts", edited(pair, lambda m: m["task"].update(pair=False)))
    yield Case("probabilities", sealed_file(container, output=probabilities), refused=False)
    whole = sealed_file(container, task=regression, output=value)
    yield Case("a regression", whole, refused=False)
    for name, (refused, edit) in manifest_edits.REGRESSION.items():
        yield Case(f"regression: {name}", edited(whole, edit), refused)


def other_files() -> Iterator[Case]:
    for name, data in (
        ("an empty end record", b"PK\x05\x06" + bytes(18)),
        ("words", b"hello"),
        ("a plain .tflite", b"\0\0\0\0TFL3" + bytes(5000)),
        ("a plain .pte", b"\0\0\0\0ET12" + bytes(5000)),
    ):
        yield Case(name, data)


def _fuzzed(data: bytes, seed: int) -> Iterator[bytes]:
    """Copies with one to three bytes changed, taken out or put in."""
    rng = random.Random(seed)
    for _ in range(FUZZED):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            at, what = rng.randrange(len(changed)), rng.randrange(4)
            if what == 0:
                changed[at] ^= 1 << rng.randrange(8)
            elif what == 1:
                changed[at] = rng.choice(b'0123456789.-+eE"\\,:[]{}ntu \n\xff')
            elif what == 2:
                del changed[at]
            else:
                changed.insert(at, rng.choice(b'0123456789.-+eE"\\,:[]{}ntu \n\xff'))
        yield bytes(changed)
