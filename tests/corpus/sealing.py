"""Sealed files made without any runtime (the seal does not look inside the compute bytes), and the same files edited by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache

import numpy as np

from pocketbert.edge_export.artifact.canonical_zip import read_zip, write_zip
from pocketbert.edge_export.artifact.containers import seal_header, zip_start
from pocketbert.edge_export.artifact.golden import Golden, GoldenVector, Reproducibility, golden_bytes
from pocketbert.edge_export.artifact.manifest import (
    MAJOR,
    MINOR,
    RUNTIMES,
    Format,
    Lengths,
    Manifest,
    Output,
    QuantizationEntry,
    RuntimeEntry,
)
from pocketbert.edge_export.artifact.seal import seal
from pocketbert.edge_export.artifact.tokenizing import encode, open_tokenizer, portable, prepare_tokenizer

CONTAINERS = ("pte", "tflite", "onnx")
HEADS = {"pte": b"\0\0\0\0ET12", "tflite": b"\0\0\0\0TFL3", "onnx": b"\x08\x0a\x00\x00\x00\x00\x00\x00"}
COMPUTE = 300  # bytes of it, where a test does not bring its own
CLASSIFICATION = {"kind": "classification", "pair": False, "labels": ["yes", "no"]}


@cache
def wordpiece_json() -> str:
    """A 30-token BERT tokenizer."""
    from tokenizers import BertWordPieceTokenizer

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "wake", "me", "at", "six", "##ty", "caf", "##e", ".", "日"]
    tokens += [chr(ord("a") + i) for i in range(16)]
    built = BertWordPieceTokenizer(vocab={token: i for i, token in enumerate(tokens)}, lowercase=True)
    return built.to_str()


@cache
def _tokenizer():
    text, entry = prepare_tokenizer(wordpiece_json(), 16)
    tokenizer = open_tokenizer(text, entry)
    return text, tokenizer, *portable(tokenizer, entry)


def _vector(i: int, columns: int, pair: bool) -> GoldenVector:
    texts = (f"wake me at six {'a' * (i % 5)}", *(["at six."] if pair else []))
    found = encode(_tokenizer()[1], texts)
    numbers = np.float32([i, -i, *range(columns)])[:columns]
    return GoldenVector(texts, found.input_ids[0], found.token_type_ids[0], numbers, numbers)


def sealed_file(container: str, compute: bytes | None = None, more: dict[str, bytes] | None = None, **changed) -> bytes:
    """The bytes of a whole sealed file.

    Args:
        container: "pte", "tflite" or "onnx".
        compute: the graph's bytes; 300 of them without.
        more: further entries.
        changed: fields of the manifest.
    """
    compute = compute or HEADS[container] + bytes(np.random.default_rng(5).integers(0, 256, COMPUTE - 8, np.uint8))
    text, _, entry, normalizer, vocabulary = _tokenizer()
    fields = {
        "format": Format(name="pocketbert", major=MAJOR, minor=MINOR),
        "inputs": ["input_ids", "attention_mask", "token_type_ids"],
        "container": container,
        "task": CLASSIFICATION,
        "output": Output(name="logits", kind="logits", size=2),
        "lengths": Lengths(min=2, max=16),
        "vocabulary_size": 30,
        "quantization": QuantizationEntry(
            recipe="fp32",
            linear_bits=32,
            linear_granularity="none",
            activations="fp32",
            embedding_bits=32,
            embedding_granularity="none",
        ),
        "tokenizer": entry,
        "runtime": RuntimeEntry(name=RUNTIMES[container], least_version="1.0.0"),
        **changed,
    }
    vectors = [_vector(i, fields["output"].size, fields["task"]["pair"]) for i in range(64)]
    entries = {
        "tokenizer.json": text.encode(),
        "golden.json": golden_bytes(Golden(Reproducibility(0.125, 0.25), tuple(vectors))),
        "normalizer.bin": normalizer,
        "vocab.txt": vocabulary,
        "labels.txt": b"yes\nno\n",
        **(more or {}),
    }
    return seal(compute, entries, lambda c, e: Manifest(compute=c, entries=e, **fields))


def edited(whole: bytes, edit: Callable[[dict], bytes | str | None]) -> bytes:
    """The file with another manifest.json, canonical again: everything but the manifest's meaning is right.

    Args:
        whole: a file with 300 compute bytes.
        edit: changes the manifest's dictionary, or gives the whole entry's bytes.
    """
    _, entries = read_zip(memoryview(whole))
    manifest = json.loads(entries["manifest.json"])
    container = manifest["container"]
    text = edit(manifest)
    entries["manifest.json"] = text if isinstance(text, bytes) else json.dumps(text or manifest).encode()
    return _whole(whole[:COMPUTE], container, entries)


def with_entry(whole: bytes, name: str, data: bytes) -> bytes:
    """The file with other bytes in an entry, and size, hash and zip right for them: only a look at its content can refuse it."""
    _, entries = read_zip(memoryview(whole))
    entries[name] = data
    manifest = json.loads(entries["manifest.json"])
    manifest["entries"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    entries["manifest.json"] = json.dumps(manifest).encode()
    return _whole(whole[:COMPUTE], manifest["container"], entries)


def with_large_entry(whole: bytes, name: str, data: bytes) -> bytes:
    """`with_entry` for more bytes than the format allows: sealed under a name that has no bound of its own, then renamed."""
    assert name.encode() in whole
    other = name[:-1] + "-"
    _, entries = read_zip(memoryview(whole))
    manifest = json.loads(entries.pop("manifest.json"))
    manifest["entries"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    renamed = {other if entry == name else entry: data if entry == name else old for entry, old in entries.items()}
    sealed = _whole(whole[:COMPUTE], manifest["container"], {"manifest.json": json.dumps(manifest).encode(), **renamed})
    assert sealed.count(other.encode()) == 2  # its two headers, whose names no sum covers
    return sealed.replace(other.encode(), name.encode())


def entry_of(whole: bytes, name: str) -> bytes:
    """An entry's bytes."""
    return read_zip(memoryview(whole))[1][name]


def _whole(compute: bytes, container: str, entries: dict[str, bytes]) -> bytes:
    start = zip_start(container, len(compute), {name: len(data) for name, data in entries.items()})
    archive = write_zip(entries, start)
    return compute + seal_header(container, len(archive)) + archive
