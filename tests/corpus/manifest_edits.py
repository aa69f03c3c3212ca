"""Edits of manifest.json by hand: each is a function of its dictionary that changes it or gives the whole entry's bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product

Edit = Callable[[dict], "bytes | None"]
OTHER = {"pte": ("tflite", "litert"), "tflite": ("pte", "executorch"), "onnx": ("pte", "executorch")}


def _other_container(m: dict) -> None:
    container, runtime = OTHER[m["container"]]
    m.update(container=container, runtime={"name": runtime, "least_version": "1.0"})


def put(path: str, value: object) -> Edit:
    """Sets the key at a path such as "lengths.max"."""

    def edit(m: dict) -> None:
        *parents, key = path.split(".")
        for parent in parents:
            m = m[parent]
        m[key] = value

    return edit


def drop(path: str) -> Edit:
    """Takes the key at a path out."""

    def edit(m: dict) -> None:
        *parents, key = path.split(".")
        for parent in parents:
            m = m[parent]
        del m[key]

    return edit


def text(old: str, new: str | bytes) -> Edit:
    """Replaces a piece of the JSON text that stands in it once."""

    def edit(m: dict) -> bytes:
        whole, wanted = json.dumps(m).encode(), old.encode()
        assert whole.count(wanted) == 1, old
        return whole.replace(wanted, new.encode() if isinstance(new, str) else new)

    return edit


def unknown(value: str | bytes) -> Edit:
    """A key that no reader knows, with this JSON text as its value."""
    raw = value.encode() if isinstance(value, str) else value
    return lambda m: json.dumps(m).encode()[:-1] + b', "novelty": ' + raw + b"}"


# What the messages name is the Python reader's promise; the verdict is everyone's.
REFUSED: list[tuple[Edit, str]] = [
    (lambda m: m["format"].update(major=2), "format 2.1"),
    (lambda m: m["format"].update(name="other"), "not say that this is a pocketbert file"),
    (lambda m: m.update(container="zip"), "unknown container"),
    (_other_container, "not a pte file"),
    (lambda m: m["compute"].update(size=299), "do not end where the seal begins"),
    (lambda m: m["compute"].update(sha256="0" * 64), "compute bytes differ"),
    (lambda m: m["entries"]["labels.txt"].update(sha256="0" * 64), "labels.txt differ"),
    (lambda m: m["entries"].pop("labels.txt") and None, "other entries"),
    (lambda m: m["task"].update(labels=["yes", "yes"]), "duplicate label"),
    (lambda m: m["task"].update(labels=["yes", "no", "maybe"]), "output.size"),
    (lambda m: m["task"].update(kind="poetry"), "unknown task kind"),
    (lambda m: m["lengths"].update(min=1), "lengths"),
    (lambda m: m["lengths"].update(max=8), "past the longest length"),
    (lambda m: m.update(vocabulary_size="30"), "vocabulary_size"),
    (lambda m: m.update(inputs=["attention_mask", "input_ids", "token_type_ids"]), "inputs must be"),
    (drop("runtime"), "runtime"),
    (lambda m: m["runtime"].update(name="coreml"), "runtime.name"),
    (lambda m: m["runtime"].update(name=OTHER[m["container"]][1]), "runtime.name must be litert"),
    (drop("inputs"), "inputs"),
    (drop("task.pair"), "task lacks pair"),
    (lambda m: m["output"].update(kind="value"), "does not belong to classification"),
    (lambda m: m["lengths"].update(static=[8]), "both min and max and static"),
    (lambda m: b"[1, 2]", "not an object"),
    (text('"size": 2}', '"size": NaN}'), "not a JSON number"),
    (unknown('1, "task": 1'), "duplicate key"),
    (lambda m: b"[" * 100_000, "not valid JSON"),
    (put("task.kind", []), "unknown task kind"),
    (put("tokenizer.special_tokens_in_text", True), "beside kind wordpiece"),
    (put("tokenizer.pad_id", 30), "not below vocabulary_size"),
    (drop("tokenizer.wordpiece"), "normalizer.bin is there exactly"),
    (unknown("[" * 64 + "]" * 64), "within each other"),
    (unknown('"\\ud83d"'), "surrogates"),
    (unknown("1e999"), "past float64"),
]

# (key, values that another parser might take for right ones)
_WRONG: dict[str, list[object]] = {
    "format": [1, "pocketbert", ["pocketbert"]],
    "format.name": [["pocketbert"], 1],
    "format.major": [True, 1.0, "1", 10**30, -1, 0, None],
    "format.minor": [True, 0.0, "0", -1, 2**31, 10**30, None],
    "container": [[], {}, 1, "PTE", "onnx "],
    "compute": [[], 300],
    "compute.size": [300.0, "300", True, -300, 2**31, 2**32 + 300, 10**30],
    "compute.sha256": ["", "A" * 64, "0" * 63, "0" * 64 + "\n", 0],
    "entries": [[], {}, 5],
    "entries.manifest.json": [{"size": 1, "sha256": "0" * 64}],
    "entries.novelty": [{"size": 1, "sha256": "0" * 64}],
    "task": [[], "classification", 1],
    "task.kind": [[], {}, 1, True, "Classification", "__init__", None],
    "task.pair": [0, 1, "false", None, []],
    "task.labels": [
        "yes", ["yes"], [], ["yes", 1], ["yes", None], ["yes", ["no"]], ["yes", ""], ["yes", " no"], ["yes", "no "],
        ["yes", "n\no"], ["yes", "n\ro"], ["yes", "n\x0bo"], ["yes", "n\x1eo"], ["yes", "n\x85o"], ["yes", "n\u2028o"],
        ["yes", "no\xa0"], ["yes", "\u3000no"], ["yes", "no\x1f"], ["yes", "no\x85"], ["yes", "\u200ano"], {"yes": 1, "no": 2},
    ],
    "inputs": ["input_ids", [], ["input_ids"], ["input_ids", "attention_mask", "token_type_ids", "x"], {"input_ids": 1}, [1, 2]],
    "output": [[], 2],
    "output.name": ["scores", "", 1],
    "output.kind": ["scores", 1, []],
    "output.size": [2.0, "2", True, 0, -2, 1, 10**30],
    "lengths": [
        {}, [], 16, {"min": 2}, {"max": 16}, {"static": []}, {"static": [1, 16]}, {"static": [16.0]}, {"static": [True, 16]},
        {"static": 16}, {"static": [65537]}, {"static": [8]}, {"static": ["16"]}, {"static": [None, 16]}, {"static": [10**30]},
    ],
    "lengths.min": [2.0, True, "2", 17, 0, -1, 10**30, None],
    "lengths.max": [16.0, "16", 65537, 15, 10**30, None],
    "vocabulary_size": [30.0, True, 0, -1, 3, 2**31, 10**30, [], None],
    "quantization": [[], {}, "int8", None],
    "quantization.recipe": [1, None],
    "quantization.linear_bits": ["8", 8.0, True, None],
    "quantization.linear_granularity": [1, None],
    "quantization.activations": [[], None],
    "quantization.embedding_bits": ["8", -1],
    "quantization.embedding_granularity": [0],
    "tokenizer": [[], "wordpiece"],
    "tokenizer.kind": ["unigram", "WordPiece", 1, None],
    "tokenizer.special_tokens_in_text": [True, 0, "false", None],
    "tokenizer.max_length": [4, 17, 16.0, "16", True, -1, None],
    "tokenizer.pad_id": [-1, 30, 0.0, True, "0", 10**30, None],
    "tokenizer.wordpiece": [None, [], {}, 1],
    "tokenizer.wordpiece.cls_id": [30, -1, 2.0, True, None],
    "tokenizer.wordpiece.sep_id": [30, "3"],
    "tokenizer.wordpiece.unk_id": [30, 1.0],
    "tokenizer.wordpiece.prefix": [5, ["##"], None],
    "tokenizer.wordpiece.max_characters": [1.5, "100", -1, 2**31],
    "runtime": [[], "litert"],
    "runtime.least_version": [
        1.0, "", "1..0", ".1", "1.", "1.0rc1", "v1", "1.0\n", " 1.0", "\u0661.0", "1" * 10, "1.0.0.1000000000", "-1", None,
    ],
    "metrics": [[], 1, "x", {"accuracy": "1"}, {"accuracy": True}, {"accuracy": []}, {"accuracy": 10**309}],
    "provenance": [[], 1, "x"],
}  # fmt: skip

_KEYS = [
    "format", "format.name", "format.major", "format.minor", "container", "compute", "compute.size", "compute.sha256",
    "entries", "entries.labels.txt", "entries.golden.json", "entries.tokenizer.json", "task", "task.kind", "task.pair",
    "task.labels", "inputs", "output", "output.name", "output.kind", "output.size", "lengths", "lengths.min", "lengths.max",
    "vocabulary_size", "quantization", "quantization.recipe", "quantization.linear_bits", "quantization.linear_granularity",
    "quantization.activations", "quantization.embedding_bits", "quantization.embedding_granularity", "tokenizer",
    "tokenizer.kind", "tokenizer.special_tokens_in_text", "tokenizer.max_length", "tokenizer.pad_id", "tokenizer.wordpiece",
    "tokenizer.wordpiece.cls_id", "tokenizer.wordpiece.prefix", "tokenizer.wordpiece.max_characters", "runtime",
    "runtime.name", "runtime.least_version",
]  # fmt: skip


def _entry(name: str, value: object) -> Edit:
    return lambda m: m["entries"].update({name: value})


def _odd() -> dict[str, Edit]:
    found: dict[str, Edit] = {}
    for path, values in _WRONG.items():
        for i, value in enumerate(values):
            name = path.removeprefix("entries.")
            found[f"{path} wrong, {i}"] = put(path, value) if name == path else _entry(name, value)
    for path in _KEYS:
        name = path.removeprefix("entries.")
        found[f"without {path}"] = drop(path) if name == path else lambda m, name=name: m["entries"].pop(name) and None
    for name, value in _BAD_JSON.items():
        found[f"unknown key with {name}"] = unknown(value)
    found["byte order mark"] = lambda m: b"\xef\xbb\xbf" + json.dumps(m).encode()
    found["UTF-16"] = lambda m: json.dumps(m).encode("utf-16")
    found["UTF-8 broken in a key"] = lambda m: json.dumps(m).encode()[:-1] + b', "n\xff": 1}'
    found["half a pair in a key"] = lambda m: json.dumps(m).encode()[:-1] + b', "\\udc00": 1}'
    found["half a pair in a label"] = text('"no"', '"n\\ud800o"')
    found["nothing"] = lambda m: b" \n"
    found["two objects"] = lambda m: json.dumps(m).encode() * 2
    found["a word behind it"] = lambda m: json.dumps(m).encode() + b" x"
    found["a zero behind it"] = lambda m: json.dumps(m).encode() + b"\0"
    found["a form feed behind it"] = lambda m: json.dumps(m).encode() + b"\x0c"
    found["a no-break space before it"] = lambda m: b"\xc2\xa0" + json.dumps(m).encode()
    found["cut off"] = lambda m: json.dumps(m).encode()[:-1]
    found["a comma too many"] = lambda m: json.dumps(m).encode()[:-1] + b",}"
    found["a comment"] = lambda m: b"/* x */" + json.dumps(m).encode()
    found["a key without quotes"] = text('"inputs"', "inputs")
    found["single quotes"] = text('"inputs"', "'inputs'")
    found["a key twice by an escape"] = unknown('1, "\\u0074ask": 1')
    found["a key twice, once null"] = unknown('1, "metrics": {}, "metrics": null')
    found["vocabulary_size 3e1"] = text('"vocabulary_size": 30', '"vocabulary_size": 3e1')
    found["vocabulary_size 030"] = text('"vocabulary_size": 30', '"vocabulary_size": 030')
    for path in (
        "container",
        "task.kind",
        "output.kind",
        "output.name",
        "tokenizer.kind",
        "runtime.name",
        "runtime.least_version",
    ):
        found[f"{path} of a million characters"] = put(path, "1" * 1_000_000)
    found["a version of nine numbers"] = put("runtime.least_version", "1.1.1.1.1.1.1.1.1")
    found["a version of 200000 numbers"] = put("runtime.least_version", "1" + ".1" * 200_000)
    found["a label of half a million characters, twice"] = put("task.labels", ["x" * 500_000] * 2)
    found["a label of a million characters and a space"] = put("task.labels", ["x" * 1_000_000 + " ", "no"])
    found["a metric with a long name and no number"] = put("metrics", {"x" * 1_000_000: "1"})
    found["an entry with a long name and no hash"] = put("entries." + "x" * 1_000_000, {})
    found["an entry with a long name that is not there"] = put("entries." + "x" * 900_000, {"size": 1, "sha256": "0" * 64})
    found["a long key twice"] = lambda m: json.dumps(m).encode()[:-1] + (', "' + "x" * 400_000 + '": 1').encode() * 2 + b"}"
    found["a long number past float64"] = unknown("9" * 1_000_000)
    found["minor -0.0"] = text('"minor": 1', '"minor": -0.0')
    return found


_BAD_JSON: dict[str, str | bytes] = {
    "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity", "nan": "nan", "-NaN": "-NaN", "-1e999": "-1e999",
    "a number of 310 digits": "9" * 310, "a number of 400 digits": "-" + "9" * 400, "a number of 5000 digits": "1" + "0" * 5000,
    "just past float64": "1.7976931348623159e308", "an integer just past float64": str(2**1024 - 2**970),
    "a leading zero": "01", "a plus": "+1", "no digit before": ".5",
    "no digit behind": "1.", "no exponent": "1e", "a sign only": "-", "hex": "0x10", "two dots": "1.2.3",
    "an underscore": "1_0",
    "Arabic digits": "\u0661", "True": "True", "undefined": "undefined", "nothing": "", "an open string": '"abc',
    "a tab in a string": '"a\tb"', "a line break in a string": '"a\nb"', "a zero in a string": b'"a\x00b"',
    "a bad escape": '"\\x41"',
    "a short escape": '"\\u12"', "a signed escape": '"\\u+123"', "half a pair": '"\\ud800"', "the other half": '"a\\udfffb"',
    "a pair the wrong way": '"\\udc00\\ud800"', "two first halves": '"\\ud800\\ud800\\udc00"',
    "half a pair deep": '[[{"a": "\\ud800"}]]',
    "broken UTF-8": b'"\xff"', "overlong UTF-8": b'"\xc0\xaf"', "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "UTF-8 past U+10FFFF": b'"\xf4\x90\x80\x80"', "cut UTF-8": b'"\xe2\x82"', "a key twice": '{"a": 1, "a": 2}',
    "a key twice by an escape": '{"a": 1, "\\u0061": 2}', "a number as key": "{1: 2}",
    "no colon": '{"a" 1}', "no comma": "[1 2]",
    "a comma too many": "[1,]", "only a comma": "[,]", "the wrong bracket": "[1}", "65 levels": "[" * 64 + "]" * 64,
    "65 levels of objects": '{"a":' * 64 + "1" + "}" * 64, "100000 levels": "[" * 100_000 + "]" * 100_000,
    "100000 open objects": '{"a":' * 100_000,
}  # fmt: skip

ODD = _odd()


def _later(m: dict) -> None:
    m["format"]["minor"] = 7
    m["novelty"] = {"x": [1, None, "é", 1.5e-300]}
    m["output"]["unit"] = "nat"


# 33 * "a" + "b" is 33 * "b" + "A": 512 names of one hash for who multiplies by 33, as Jackson does
_COLLIDING = ["".join(pair) for pair in product(("ab", "bA"), repeat=9)]

ACCEPTED: dict[str, Edit] = {
    "a later minor version with unknown keys": _later,
    "the largest minor": put("format.minor", 2**31 - 1),
    "a byte of space around": lambda m: b"\n\t\r " + json.dumps(m, indent=3).encode() + b"\n",
    "every character escaped": lambda m: json.dumps(m).replace("labels", "\\u006c\\u0061bels").encode(),
    "null for what may be left out": lambda m: m.update(metrics=None, provenance=None, novelty=None),
    "null beside static lengths": put("lengths", {"static": [16, 8], "min": None, "max": None}),
    "null for static lengths": put("lengths.static", None),
    "null for a range": lambda m: m["task"].update(low=None, high=None),
    "a range that classification has not": lambda m: m["task"].update(low="x"),
    "static lengths": put("lengths", {"static": [16]}),
    "static lengths in any order": put("lengths", {"static": [64, 8, 8, 65536]}),
    "a least length of 5": put("lengths.min", 5),
    "the longest length": put("lengths.max", 65536),
    "a shorter tokenizer": put("tokenizer.max_length", 5),
    "a larger table": put("vocabulary_size", 2**31 - 1),
    "other labels": put("task.labels", ["Zürich 🙂", "a\tb \u00a0 c"]),
    "the prefix of another vocabulary": put("tokenizer.wordpiece.prefix", ""),
    "short words": put("tokenizer.wordpiece.max_characters", 0),
    "other bits": lambda m: m["quantization"].update(linear_bits=4, linear_granularity="blocks", activations="fp16"),
    "a version of one number": put("runtime.least_version", "2"),
    "a version of eight numbers": put("runtime.least_version", "999999999.0.1.2.3.4.5.6"),
    "metrics": put("metrics", {"a": 1, "b": -2.5e-7, "c": 10**300, "d": None, "e": 2**53 + 1, "f": 9223372036854775809}),
    "provenance": put("provenance", {"tools": {"x": "1"}, "list": [1, [2, None]]}),
    "64 levels": unknown("[" * 63 + "]" * 63),
    "64 levels of objects": unknown('{"a":' * 63 + "1" + "}" * 63),
    "an escaped pair": unknown('"\\ud83d\\ude42 \\u0000 \\/ \\u007f"'),
    "noncharacters": unknown('"\uffff\U0010ffff\ufdd0"'),
    "a byte order mark in a string": unknown('"\ufeff"'),
    "an empty key": unknown('{"": 1, " ": 2}'),
    "a long number": unknown("0." + "0" * 5000 + "1"),
    "a long exponent": unknown("1e-99999999999"),
    "the largest number": unknown("1.7976931348623157e308"),
    "a large integer": unknown("-" + "9" * 308),
    "integers that round to the largest number": lambda m: m.update(
        novelty=1 - 2**1024 + 2**970, metrics={"a": 2**1024 - 2**971 + 1, "b": 2**1024 - 2**970 - 1}
    ),
    "a long string": unknown('"' + "x" * 100_000 + '"'),
    "a long key": unknown('{"' + "x" * 100_000 + '": 1}'),
    "many keys": unknown(json.dumps({str(i): i for i in range(2000)})),
    "keys of one hash": lambda m: m.update(novelty={name: 1 for name in _COLLIDING}),
    # behind the one before, which must leave nothing behind in a parser
    "metrics after keys of one hash": put("metrics", {f"f1 of the class {i}": i / 400 for i in range(400)}),
}

REGRESSION: dict[str, tuple[bool, Edit]] = {
    "no range": (False, lambda m: (m["task"].pop("low"), m["task"].pop("high")) and None),
    "null for the range": (False, lambda m: m["task"].update(low=None, high=None)),
    "a large range": (False, lambda m: m["task"].update(low=-(10**300), high=1.7e308)),
    "low alone": (True, drop("task.high")),
    "high alone": (True, drop("task.low")),
    "low alone beside null": (True, put("task.high", None)),
    "no width": (True, put("task.low", 5.5)),
    "the wrong way": (True, put("task.low", 6)),
    "low true": (True, put("task.low", True)),
    "low a string": (True, put("task.low", "0")),
    "low past float64": (True, put("task.low", -(10**400))),
    "no unit": (True, drop("task.unit")),
    "a number as unit": (True, put("task.unit", 5)),
    "no pair": (True, drop("task.pair")),
    "two columns": (True, put("output.size", 2)),
    "logits": (True, put("output.kind", "logits")),
    "probabilities": (True, put("output.kind", "probabilities")),
    "kind classification": (True, put("task.kind", "classification")),
}
