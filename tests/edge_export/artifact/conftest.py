"""A sealed file made without any runtime: the seal does not look inside the compute bytes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pocketbert.edge_export.artifact.golden import Golden, GoldenVector, golden_bytes
from pocketbert.edge_export.artifact.manifest import (
    RUNTIMES,
    Format,
    Lengths,
    Manifest,
    Output,
    QuantizationEntry,
    RuntimeEntry,
)
from pocketbert.edge_export.artifact.seal import seal
from pocketbert.edge_export.artifact.tokenizing import encode, open_tokenizer, prepare_tokenizer

HEADS = {"pte": b"\0\0\0\0ET12", "tflite": b"\0\0\0\0TFL3", "onnx": b"\x08\x0a\x00\x00\x00\x00\x00\x00"}


@pytest.fixture(scope="session")
def wordpiece_json() -> str:
    """A 30-token BERT tokenizer."""
    from tokenizers import BertWordPieceTokenizer

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "wake", "me", "at", "six", "##ty", "caf", "##e", ".", "日"]
    tokens += [chr(ord("a") + i) for i in range(16)]
    built = BertWordPieceTokenizer(vocab={token: i for i, token in enumerate(tokens)}, lowercase=True)
    return built.to_str()


@pytest.fixture(scope="session")
def sealed(wordpiece_json):
    """container -> the bytes of a whole sealed file with 300 compute bytes; keyword arguments change manifest fields."""

    def make(container: str, compute: bytes | None = None, more: dict[str, bytes] | None = None, **changed) -> bytes:
        compute = compute or HEADS[container] + bytes(np.random.default_rng(5).integers(0, 256, 292, np.uint8))
        text, entry = prepare_tokenizer(wordpiece_json, 16)
        tokenizer = open_tokenizer(text, entry)
        vectors = []
        for i in range(64):
            found = encode(tokenizer, (f"wake me at six {'a' * (i % 5)}",))
            numbers = np.float32([i, -i])
            vectors.append(
                GoldenVector(("wake me at six " + "a" * (i % 5),), found.input_ids[0], found.token_type_ids[0], numbers, numbers)
            )
        entries = {
            "tokenizer.json": text.encode(),
            "golden.json": golden_bytes(Golden(0.5, tuple(vectors))),
            "labels.txt": b"yes\nno\n",
            **(more or {}),
        }
        fields = {
            "format": Format(name="pocketbert", major=1, minor=0),
            "inputs": ["input_ids", "attention_mask", "token_type_ids"],
            "container": container,
            "task": {"kind": "classification", "pair": False, "labels": ["yes", "no"]},
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
        return seal(compute, entries, lambda c, e: Manifest(compute=c, entries=e, **fields))

    return make


@pytest.fixture
def rewritten(sealed):
    """A whole, canonical file whose manifest JSON was edited by hand: everything but the manifest's meaning is right."""
    from pocketbert.edge_export.artifact.canonical_zip import read_zip, write_zip
    from pocketbert.edge_export.artifact.containers import seal_header, zip_start

    def make(container: str, edit) -> bytes:
        whole = sealed(container)
        _, entries = read_zip(memoryview(whole))
        manifest = json.loads(entries["manifest.json"])
        text = edit(manifest) or manifest
        entries["manifest.json"] = text if isinstance(text, bytes) else json.dumps(text).encode()
        start = zip_start(container, 300, {name: len(data) for name, data in entries.items()})
        archive = write_zip(entries, start)
        return whole[:300] + seal_header(container, len(archive)) + archive

    return make
