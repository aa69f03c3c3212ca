"""Other contents of golden.json, normalizer.bin and vocab.txt: (what, whether a reader must refuse it, the bytes)."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Iterator

Edited = Iterator[tuple[str, "bool | None", bytes]]
F32_MAX = 3.4028234663852886e38


def golden_edits(data: bytes) -> Edited:
    """Of a single-text classifier with two columns."""
    wrong: dict[str, Callable[[dict, dict], object]] = {
        "tolerance 0": lambda g, v: g.update(tolerance=0),
        "tolerance below zero": lambda g, v: g.update(tolerance=-0.5),
        "tolerance a string": lambda g, v: g.update(tolerance="0.5"),
        "tolerance true": lambda g, v: g.update(tolerance=True),
        "tolerance null": lambda g, v: g.update(tolerance=None),
        "no tolerance": lambda g, v: g.pop("tolerance"),
        "reproducibility a number": lambda g, v: g.update(reproducibility=0.25),
        "reproducibility a list": lambda g, v: g.update(reproducibility=[0.25, 0.25]),
        "no typical difference": lambda g, v: g["reproducibility"].pop("typical"),
        "no largest difference": lambda g, v: g["reproducibility"].update(largest=None),
        "a typical difference of 0": lambda g, v: g["reproducibility"].update(typical=0),
        "a typical difference true": lambda g, v: g["reproducibility"].update(typical=True),
        "a largest difference below zero": lambda g, v: g["reproducibility"].update(largest=-0.25),
        "a largest difference as a string": lambda g, v: g["reproducibility"].update(largest="0.25"),
        "63 vectors": lambda g, v: g["vectors"].pop(),
        "no vectors": lambda g, v: g.pop("vectors"),
        "an object of vectors": lambda g, v: g.update(vectors={"0": v}),
        "a vector that is none": lambda g, v: g["vectors"].append(None),
        "two texts": lambda g, v: v["texts"].append("b"),
        "no texts": lambda g, v: v.update(texts=[]),
        "a number as text": lambda g, v: v.update(texts=[1]),
        "texts as a string": lambda g, v: v.update(texts="a"),
        "an id with a fraction": lambda g, v: v["input_ids"].__setitem__(1, 5.0),
        "an id below zero": lambda g, v: v["input_ids"].__setitem__(1, -1),
        "an id true": lambda g, v: v["input_ids"].__setitem__(1, True),
        "an id of 2^31": lambda g, v: v["input_ids"].__setitem__(1, 2**31),
        "an id past 64 bits": lambda g, v: v["input_ids"].__setitem__(1, 10**30),
        "one id": lambda g, v: v.update(input_ids=[2], token_type_ids=[0]),
        "an id more": lambda g, v: v["input_ids"].append(3),
        "a type more": lambda g, v: v["token_type_ids"].append(0),
        "a type true": lambda g, v: v["token_type_ids"].__setitem__(0, False),
        "no types": lambda g, v: v.pop("token_type_ids"),
        "a column more": lambda g, v: v["output"].append(0.0),
        "a column less": lambda g, v: v["student"].pop(),
        "a column true": lambda g, v: v["output"].__setitem__(0, True),
        "a column null": lambda g, v: v["output"].__setitem__(0, None),
        "a column a string": lambda g, v: v["output"].__setitem__(0, "0"),
        "a column past float32": lambda g, v: v["output"].__setitem__(0, 1e300),
        "a column that rounds past float32": lambda g, v: v["student"].__setitem__(0, 3.4028235677973366e38),
        "an integer column past float32": lambda g, v: v["student"].__setitem__(0, -(2**128)),
    }
    right: dict[str, Callable[[dict, dict], object]] = {
        "integer columns": lambda g, v: v.update(student=[0, -16777217], output=[2**127, -(10**38)]),
        "the largest column": lambda g, v: v.update(output=[F32_MAX, 3.4028235677973362e38]),
        "ids past the vocabulary": lambda g, v: v["input_ids"].__setitem__(1, 2**31 - 1),
        "unknown keys": lambda g, v: (g.update(novelty=[1]), v.update(novelty={"a": None})),
        "other characters": lambda g, v: v.update(texts=["Zürich 🙂 \u0000 \ufeff"]),
        "an integer tolerance": lambda g, v: g.update(tolerance=3),
        "an integer largest difference": lambda g, v: g["reproducibility"].update(largest=3, novelty=1),
        "a typical difference above the largest": lambda g, v: g["reproducibility"].update(typical=1),
        "format 1.0": lambda g, v: g.pop("reproducibility"),
        "reproducibility null": lambda g, v: g.update(reproducibility=None),
        "more vectors": lambda g, v: g["vectors"].extend([v, v]),
    }
    for refused, edits in ((True, wrong), (False, right)):
        for name, edit in edits.items():
            golden = json.loads(data)
            edit(golden, golden["vectors"][3])
            yield name, refused, json.dumps(golden, ensure_ascii=len(name) % 2 == 0).encode()
    for name, text in (("nothing", b""), ("a list", b"[]"), ("a word", b"null"), ("a byte order mark", b"\xef\xbb\xbf" + data)):
        yield name, True, text
    yield "a key twice", True, data.replace(b'"tolerance"', b'"tolerance": 1, "tolerance"', 1)
    yield "half a pair", True, data.replace(b"wake", b"\\ud800", 1)
    yield "NaN", True, data.replace(b'"largest": 0.25', b'"largest": NaN', 1)
    yield from _hard_numbers(data)


def _hard_numbers(data: bytes) -> Edited:
    """Columns as decimal texts on which a sloppy conversion to float32 is off by a bit: half-way cases, subnormals, long ones."""
    rng = random.Random(16)
    for i in range(60):
        golden = json.loads(data)
        for vector in golden["vectors"]:
            vector["output"] = [f"@{_hard_number(rng)}@", f"@{_hard_number(rng)}@"]
        yield f"hard numbers {i}", False, json.dumps(golden).replace('"@', "").replace('@"', "").encode()


def _hard_number(rng: random.Random) -> str:
    pattern = rng.randrange(0x7F7FFFFF)
    below, above = struct.unpack("<ff", struct.pack("<II", pattern, pattern + 1))
    middle = (below + above) / 2  # exact in float64, and half-way in float32
    tiny = rng.uniform(-1e-44, 1e-44)
    return rng.choice([repr(below), repr(middle), repr(-middle), f"{middle:.60f}", f"{middle:.25e}", f"{below:.8E}", repr(tiny)])


def largest(name: str, data: bytes, more: int) -> bytes:
    """A right golden.json or vocab.txt of 8 MiB and `more` bytes, made from a small one."""
    missing = (8 << 20) + more - len(data)
    if name == "golden.json":
        return data + b" " * missing
    lines = b"".join(b"%01000d\n" % i for i in range(missing // 1001 - 1))
    return data + lines + b"1" * (missing - len(lines) - 1) + b"\n"


def _list(*ranges: tuple[int, int]) -> bytes:
    return struct.pack("<H", len(ranges)) + b"".join(struct.pack("<II", *pair) for pair in ranges)


def _mappings(*mappings: tuple[int, tuple[int, ...]]) -> bytes:
    packed = (struct.pack(f"<IB{len(to)}I", code, len(to), *to) for code, to in mappings)
    return struct.pack("<H", len(mappings)) + b"".join(packed)


def large_normalizer(size: int) -> bytes:
    """Right tables of `size` bytes: a space, and mappings to four characters or none."""
    head = b"PBN1\0" + _list() + _list() + _list() + _list((0x20, 0x20))
    rest = size - len(head) - 2
    long, short = divmod(rest, 21)
    while short % 5:
        long, short = long - 1, short + 21
    codes = iter(range(0x10000, 0x10FFFF))
    mappings = [(next(codes), (0x61,) * 4) for _ in range(long)] + [(next(codes), ()) for _ in range(short // 5)]
    return head + _mappings(*mappings)


def normalizer_edits(data: bytes) -> Edited:
    none, space, dot = _list(), _list((0x20, 0x20)), _list((0x2E, 0x2E))
    mapped = _mappings((0x41, (0x61,)))

    def tables(deleted=none, padded=none, punctuation=dot, space=space, mappings=mapped, head=b"PBN1\1", tail=b"") -> bytes:
        return head + deleted + padded + punctuation + space + mappings + tail

    yield "small tables", False, tables()
    yield "no table", False, tables(none, none, none, none, _mappings())
    yield "no Hangul", False, tables(head=b"PBN1\0")
    yield "all characters", False, tables(deleted=_list((0, 0xD7FF), (0xE000, 0x10FFFF)))
    yield "mapped to nothing", False, tables(mappings=_mappings((0x41, ())))
    yield "mapped to much", False, tables(mappings=_mappings((0x41, (0x62,) * 255)))
    yield "nothing", True, b""
    yield "another magic", True, tables(head=b"PBN2\1")
    yield "an unknown flag", True, tables(head=b"PBN1\2")
    yield "a byte more", True, tables(tail=b"\0")
    yield "a range the wrong way", True, tables(deleted=_list((9, 8)))
    yield "ranges out of order", True, tables(padded=_list((20, 21), (1, 2)))
    yield "ranges that touch", True, tables(punctuation=_list((33, 34), (35, 36)))
    yield "ranges that overlap", True, tables(deleted=_list((1, 5), (3, 9)))
    yield "the same range twice", True, tables(deleted=_list((1, 5), (1, 5)))
    yield "a range past U+10FFFF", True, tables(deleted=_list((1, 0x110000)))
    yield "a range past 31 bits", True, tables(deleted=_list((1, 0xFFFFFFFF)))
    yield "a range to a surrogate", True, tables(deleted=_list((1, 0xD800)))
    yield "space and punctuation", True, tables(space=_list((0x20, 0x30)))
    yield "mappings out of order", True, tables(mappings=_mappings((0x42, (1,)), (0x41, (1,))))
    yield "a mapping twice", True, tables(mappings=_mappings((0x41, (1,)), (0x41, (1,))))
    yield "a mapping of a surrogate", True, tables(mappings=_mappings((0xDC00, (1,))))
    yield "a mapping to a surrogate", True, tables(mappings=_mappings((0x41, (0xDFFF,))))
    yield "a mapping past U+10FFFF", True, tables(mappings=_mappings((0x41, (0x110000,))))
    rng = random.Random(17)
    for end in [1, 4, 5, 6, 7, 8, len(data) - 1, *rng.sample(range(len(data)), 30)]:
        yield f"the first {end} bytes", True, data[:end]
    for name, small in (("small", tables()), ("whole", data)):
        for i in range(150):
            changed = bytearray(small)
            changed[rng.randrange(len(changed))] = rng.choice((0, 1, 2, 0x20, 0x7F, 0x80, 0xD8, 0xFF))
            yield f"{name} tables, changed {i}", None, bytes(changed)


def vocabulary_edits(data: bytes) -> Edited:
    # no token of the small vocabulary holds a 0, so each 0 of the long one is a beginning more
    tokens = data.decode().splitlines()
    room = 2_000_000 - len({token[:i] for token in tokens for i in range(1, len(token) + 1)})
    yield "as many beginnings as there may be", False, data + b"0" * room + b"\n"
    yield "a beginning too many", True, data + b"0" * (room + 1) + b"\n"
    yield "a token more", False, data + b"new\n"
    yield "an empty token", False, data + b"\n"
    yield "carriage returns", False, data.replace(b"\n", b"\r\n")
    yield "four lines", False, b"a\nb\nc\nd\n"
    yield "nothing", True, b""
    yield "no line break at the end", True, data[:-1]
    yield "a token twice", True, data + b"wake\n"
    yield "two empty tokens", True, data + b"\n\n"
    yield "three lines", True, b"a\nb\nc\n"
    yield "broken UTF-8", True, data + b"\xff\n"
    yield "a surrogate", True, data + b"\xed\xa0\x80\n"
