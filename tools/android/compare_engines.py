"""The Kotlin engines beside Python's runtimes on the same files: outputs at every length, labels over a data set.

    python tools/android/compare_engines.py runs/intents/files/intents.{pte,tflite,onnx} \\
        --data src/pocketbert/demo/intents/dev.tsv --out results/android_engines.json

Needs pocketbert with its runtimes, and what builds the Kotlin modules. A .onnx runs in ONNX Runtime's own library for this
machine, a .tflite in TensorFlow Lite's (org.bytedeco) behind the classes that LiteRT has, a .pte in ExecuTorch's Android
library over stand-ins for Android's libc. What they give here is no measurement of a phone, and nothing is timed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import bionic_shim
import downloads
import maven
import numpy as np

from pocketbert.bench import environment
from pocketbert.edge_export.artifact.reader import Artifact, open_artifact
from pocketbert.edge_export.artifact.session import start
from pocketbert.tasks import read_examples

ROOT = Path(__file__).resolve().parents[2] / "android_demo"
MAIN = "dev.pocketbert.engines.EngineMainKt"
LIBRARIES = {
    ".pte": f"Android's for x86-64, out of {downloads.EXECUTORCH_PACKAGE}",
    ".tflite": "org.bytedeco:tensorflow-lite, with XNNPACK",
    ".onnx": "com.microsoft.onnxruntime:onnxruntime",
}
ALLOWED_SHARE = 0.005  # of the rows may have another label than Python's; one row always may


class KotlinFailed(Exception):
    """The Kotlin engine gave no outputs; the message is what it said."""


def allowed_rows(rows: int) -> int:
    """How many rows may have another label: int8 kernels of two libraries round a few logits that lie close together apart."""
    return max(1, int(rows * ALLOWED_SHARE))


def compare(path: Path, data: Path) -> dict[str, Any]:
    """One file's part of the record.

    Args:
        path: a sealed classification file for single texts, with exact lengths.
        data: labelled rows of its task.

    Raises:
        bionic_shim.NotHere: a .pte cannot run on this machine.
        KotlinFailed: the engine refused the file, or ended with an error.
    """
    artifact = open_artifact(path)
    rows = [example.texts for example in read_examples(data, artifact.task)]
    lengths = texts_of_every_length(artifact)
    texts = [*lengths.values(), *rows]
    with start(artifact) as python:
        runtime = f"{python.engine.name} {python.engine.version}"
        expected = np.stack([python.run(artifact.encode(text)) for text in texts])  # (texts, columns)
    header, found = kotlin_outputs(path, texts)
    at_lengths, on_rows = np.split(np.abs(found - expected), [len(lengths)])
    return {
        "file": path.name,
        "sha256": artifact.sha256,
        "kotlin": header["runtime"],
        "library": LIBRARIES[path.suffix],
        "python": runtime,
        "self_check": header["self_check"],
        "tolerance": artifact.golden.reproducibility.largest,
        "lengths": {"min": min(lengths), "max": max(lengths), "largest_difference": float(at_lengths.max())},
        "data": {
            "file": data.name,
            "rows": len(rows),
            "largest_difference": float(on_rows.max()),
            "other_labels_allowed": allowed_rows(len(rows)),
            "other_labels": other_labels(artifact.task.labels, expected[len(lengths) :], found[len(lengths) :]),
        },
    }


def other_labels(labels: list[str], expected: np.ndarray, found: np.ndarray) -> list[dict[str, Any]]:
    """The rows whose best label differs, with the margin by which Python's label led there; both arrays (rows, columns)."""
    differing = np.flatnonzero(expected.argmax(1) != found.argmax(1))
    return [
        {
            "row": int(row) + 1,
            "python": labels[expected[row].argmax()],
            "kotlin": labels[found[row].argmax()],
            "margin": float(expected[row].max() - expected[row][found[row].argmax()]),
        }
        for row in differing
    ]


def texts_of_every_length(artifact: Artifact) -> dict[int, tuple[str, ...]]:
    """Tokens -> a text of so many, for every length that the file takes: words of its own vocabulary, chosen by a fixed seed."""
    lengths = artifact.manifest.lengths
    words = [word for word in artifact.entries["vocab.txt"].decode().split("\n") if word.isascii() and word.isalpha()]
    chosen = random.Random(4)
    texts: dict[int, tuple[str, ...]] = {}
    for tokens in range(lengths.min, lengths.max + 1):
        texts[tokens] = (" ".join(chosen.choices(words, k=tokens - 2)),)
        found = artifact.encode(texts[tokens]).input_ids.shape[1]
        if found != tokens:
            raise AssertionError(f"{texts[tokens]} has {found} tokens instead of {tokens}")
    return texts


def kotlin_outputs(path: Path, texts: list[tuple[str, ...]]) -> tuple[dict[str, Any], np.ndarray]:
    """What the Kotlin engine says of itself, and its outputs (texts, columns)."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command(path), input=lines, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise KotlinFailed(f"{path.name}: {MAIN} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    header, *answers = map(json.loads, done.stdout.splitlines())
    if "error" in header:
        raise KotlinFailed(header["error"])
    return header, np.array([answer["outputs"] for answer in answers], np.float32)


def command(path: Path) -> list[str]:
    """EngineMain on a file; a .pte with the stand-ins for Android's libc."""
    target = ROOT / "engines" / "target"
    # the test classes first: they have a stand-in for LiteRT's Interpreter
    class_path = f"{target / 'test-classes'}:{target / 'classes'}:{(target / 'classpath.txt').read_text()}"
    if path.suffix != ".pte":
        return ["java", "-cp", class_path, MAIN, str(path)]
    folder = bionic_shim.stand_ins()
    return ["java", f"-Djava.library.path={folder}", "-cp", class_path, MAIN, str(path), str(folder)]


def main(arguments: list[str]) -> None:
    """Builds the modules, compares, writes the record; ends with an error where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    maven.run(["verify", "-DskipTests", "-pl", "text,engines"])
    machine = environment.before()
    record = {
        "schema": 1,
        "kind": "engines",
        "command": " ".join(["python tools/android/compare_engines.py", *arguments]),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {key: getattr(machine, key) for key in ("cpu", "architecture", "cores", "features", "system", "python")},
        "versions": machine.versions,
        "engines": [compare(path, options.data) for path in options.files],
    }
    options.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    broken = [problem for engine in record["engines"] for problem in problems(engine)]
    if broken:
        sys.exit("\n".join(broken))


def problems(engine: dict[str, Any]) -> list[str]:
    """What of the record breaks a bound; nothing where the engine does what Python does."""
    found = []
    if not engine["self_check"]["ok"]:
        found.append(f"{engine['file']}: the self-check fails: {engine['self_check']['failures']}")
    if not engine["lengths"]["largest_difference"] <= engine["tolerance"]:
        found.append(f"{engine['file']}: at some length the outputs differ by {engine['lengths']['largest_difference']}")
    if len(engine["data"]["other_labels"]) > engine["data"]["other_labels_allowed"]:
        found.append(f"{engine['file']}: too many rows have another label: {engine['data']['other_labels']}")
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
