"""Python's reader and Kotlin's come to the same verdict on every damaged or odd file, and read the same out of the others."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import damage
import numpy as np
import pytest
from sealing import CONTAINERS

from pocketbert.edge_export.artifact import open_artifact
from pocketbert.edge_export.artifact.reader import Artifact
from pocketbert.tasks import Classification, UserError

LONGEST = 1000  # characters of a message: what it quotes of a file is cut
MAIN = "dev.pocketbert.artifact.VerdictsKt"


@pytest.mark.parametrize("container", CONTAINERS)
def test_both_readers_come_to_the_same_verdict(kotlin, tmp_path, container):
    names, expected, wrong = [], [], []
    with (tmp_path / "corpus").open("wb") as corpus:  # one JVM for all of them
        for case in damage.everything(container):
            corpus.write(struct.pack(">I", len(case.data)) + case.data)
            verdict = _verdict(tmp_path / "case.bin", case.data)
            names.append(case.name)
            expected.append(verdict)
            if case.refused is not None and case.refused != (verdict == "refused"):
                wrong.append(f"{case.name}: Python, {verdict}")
    assert len(set(names)) == len(names)
    with (tmp_path / "corpus").open("rb") as corpus:
        found = kotlin.java("text", MAIN, stdin=corpus).stdout.split("\n")
    assert found.pop() == "" and len(found) == len(names)
    for name, python, line in zip(names, expected, found, strict=True):
        if line.startswith("refused") and len(line) > LONGEST:
            wrong.append(f"{name}: {len(line)} characters in Kotlin's message: {line[:100]}")
        if (line.partition(" ")[0] if python == "refused" else line) != python:
            wrong.append(f"{name}\n   Python: {python}\n   Kotlin: {line}")
    read = sum(verdict != "refused" for verdict in expected)
    print(f"{container}: {len(names)} files, {len(names) - read} refused and {read} read alike, {len(wrong)} not")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(names)}:", *wrong[:20]])
    assert read > 300  # most fuzzed files are read by neither; a corpus that both refuse whole would prove nothing


def test_logits_become_the_same_labels_and_scores(kotlin, tmp_path):
    rng = np.random.default_rng(18)
    rows = [
        (rng.standard_normal(n) * scale).astype(np.float32)
        for n in (2, 3, 5, 60)
        for scale in (0.1, 1, 8, 300)
        for _ in range(50)
    ]
    rows += [np.float32([1, 2, 2, 1]), np.zeros(7, np.float32), np.float32([3e38, -3e38]), np.float32([1e-45, 0, -0.0])]
    (tmp_path / "rows").write_text("".join(" ".join(map(repr, row.tolist())) + "\n" for row in rows))
    with (tmp_path / "rows").open() as lines:
        found = kotlin.java("text", "dev.pocketbert.task.DecodedKt", stdin=lines).stdout.splitlines()
    for row, line in zip(rows, found, strict=True):
        expected = Classification(tuple(map(str, range(len(row))))).decode(row, top_k=None)
        labels, scores = zip(*(pair.split(":") for pair in line.split()), strict=True)
        assert labels == tuple(entry["label"] for entry in expected)
        # two libraries' exp may differ in the last bit of a float64, which can turn a rounding to float32
        np.testing.assert_allclose(np.float32(scores), [entry["score"] for entry in expected], rtol=2**-23, atol=1e-44)


def _verdict(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    try:
        return "read " + " ".join(f"{key}={value}" for key, value in _said(open_artifact(path)).items())
    except UserError as error:
        assert len(str(error)) <= LONGEST + len(str(path)), str(error)[:100]
        return "refused"


def _said(artifact: Artifact) -> dict[str, object]:
    """All that a file says, as Verdicts.kt prints it."""
    manifest, task = artifact.manifest, artifact.task
    names = sorted(manifest.entries)
    lengths, tokenizer, words = manifest.lengths, manifest.tokenizer, manifest.tokenizer.wordpiece
    allowed = artifact.golden.reproducibility
    if task.kind == "classification":
        described = ",".join(map(_hex, task.labels))
    else:
        described = f"{_hex(task.unit)}:{_bits(task.low)}:{_bits(task.high)}"
    return {
        "file": hashlib.sha256(artifact.path.read_bytes()).hexdigest(),
        "minor": manifest.format.minor,
        "container": manifest.container,
        "compute": f"{manifest.compute.size}:{manifest.compute.sha256}",
        "compute_found": hashlib.sha256(artifact.path.read_bytes()[: manifest.compute.size]).hexdigest(),
        "entries": ",".join(f"{name}:{manifest.entries[name].size}:{manifest.entries[name].sha256}" for name in names),
        "entries_found": ",".join(hashlib.sha256(artifact.entries[name]).hexdigest() for name in names),
        "task": f"{task.kind}:{_flag(task.pair)}:{described}",
        "output": f"{_hex(manifest.output.name)}:{manifest.output.kind}:{manifest.output.size}",
        "lengths": f"{lengths.min}-{lengths.max}" if lengths.static is None else ",".join(map(str, lengths.static)),
        "vocabulary_size": manifest.vocabulary_size,
        "recipe": _hex(manifest.quantization.recipe),
        "tokenizer": ":".join(
            [_hex(tokenizer.kind), _flag(tokenizer.special_tokens_in_text), f"{tokenizer.max_length}:{tokenizer.pad_id}"]
        ),
        "wordpiece": "null"
        if words is None
        else f"{words.cls_id}:{words.sep_id}:{words.unk_id}:{_hex(words.prefix)}:{words.max_characters}",
        "least_version": manifest.runtime.least_version,
        "metrics": ",".join(sorted(f"{_hex(name)}:{_bits(value)}" for name, value in manifest.metrics.items())),
        "reproducibility": f"{_bits(allowed.typical)}:{_bits(allowed.largest)}",
        "vectors": _vectors(artifact),
    }


def _vectors(artifact: Artifact) -> str:
    digest = hashlib.sha256()
    for vector in artifact.golden.vectors:
        digest.update(_hex("\n".join(vector.texts)).encode())
        for ids in (vector.input_ids, vector.token_type_ids):
            digest.update(ids.astype("<i4").tobytes())
        for numbers in (vector.student, vector.output):
            digest.update(numbers.astype("<f4").tobytes())
    return f"{len(artifact.golden.vectors)}:{digest.hexdigest()}"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _hex(text: str) -> str:
    return text.encode().hex()


def _bits(number: float | None) -> str:
    return "null" if number is None else struct.pack(">d", float(number)).hex()
