"""A .tflite made for MediaPipe, opened by the real MediaPipe, in an environment of its own (it wants half a gigabyte)."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
import transformers as hf
from ai_edge_litert.interpreter import Interpreter

from pocketbert.edge_export.encoder import edge_encoder
from pocketbert.edge_export.lowering import tflite
from pocketbert.edge_export.lowering.lowered import Wanted
from pocketbert.edge_export.lowering.tflite_metadata import attach_text_classifier_metadata
from pocketbert.edge_export.quantization import quantization

MEDIAPIPE = "mediapipe==1.2.2"
INSTALL_SECONDS = 420
LENGTH = 16
TEXTS = (
    "wake me at six",
    "play monday please",
    "will it rain on monday, thanks!",
    "Dim The Lamp In the kitchen (room 12)",
    "zzz qqq 0123456789",
    "call my mother now " * 8,  # longer than the file's 16 tokens
    "",
)

# Runs in the other environment: texts on standard input, [[name, score], ...] a text on standard output.
CLASSIFY = """
import json, sys
from mediapipe.tasks.python import BaseOptions, text
options = text.TextClassifierOptions(base_options=BaseOptions(model_asset_path=sys.argv[1]))
with text.TextClassifier.create_from_options(options) as classifier:
    found = [classifier.classify(given).classifications[0] for given in json.load(sys.stdin)]
rows = [sorted((c.index, c.category_name, c.score) for c in head.categories) for head in found]
print("RESULT " + json.dumps({"head": found[0].head_name, "rows": rows}))
"""


@pytest.fixture(scope="module")
def mediapipe_python() -> Path:
    """The interpreter of an environment with MediaPipe, made once and kept in the cache folder."""
    for library in ("libEGL.so.1", "libGLESv2.so.2"):
        try:
            ctypes.CDLL(library)
        except OSError:
            pytest.skip(f"{library} is missing, which MediaPipe links (apt install libegl1 libgles2)")
    folder = Path(os.environ.get("POCKETBERT_CACHE", Path.home() / ".cache" / "pocketbert")) / "mediapipe-venv"
    python, whole = folder / "bin" / "python", folder / f"{MEDIAPIPE}.installed"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)  # what a killed installation left
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", MEDIAPIPE]
        try:
            done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.skip(f"pip did not install {MEDIAPIPE} within {INSTALL_SECONDS} s")
        if done.returncode:
            pytest.skip(f"pip cannot install {MEDIAPIPE}: {done.stderr.strip().splitlines()[-1]}")
        whole.touch()
    return python


@pytest.fixture(scope="module", params=["fp32", "int8"])
def made_for_mediapipe(request, small_folder, tmp_path_factory) -> Path:
    """Metadata inside, vocabulary and labels (and an entry of another's) in a stored zip behind."""
    model = hf.AutoModelForSequenceClassification.from_pretrained(small_folder)
    wanted = Wanted(quantization(request.param), 48, static_length=LENGTH, probabilities=True)
    compute = attach_text_classifier_metadata(tflite.lower(edge_encoder(model, 48), wanted).compute, "probabilities")
    path = tmp_path_factory.mktemp(request.param) / "model.tflite"
    path.write_bytes(compute)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("manifest.json", "{}")
        archive.write(small_folder / "vocab.txt", "vocab.txt")
        archive.writestr("labels.txt", "".join(f"{label}\n" for label in labels_of(small_folder)))
    return path


def labels_of(folder: Path) -> list[str]:
    names = json.loads((folder / "config.json").read_text())["id2label"]
    return [names[str(index)] for index in range(len(names))]


def in_interpreter(path: Path, folder: Path, text: str) -> np.ndarray:
    """(labels,) probabilities, Hugging Face's tokenizer before, padded and cut to the file's length."""
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    given = tokenizer(text, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="np")
    run = Interpreter(str(path), num_threads=1).get_signature_runner()
    names = ("input_ids", "attention_mask", "token_type_ids")
    return run(**{name: given[name].astype(np.int32) for name in names})["probabilities"][0]


def test_mediapipe_gives_the_interpreters_probabilities(mediapipe_python, made_for_mediapipe, small_folder):
    done = subprocess.run(
        [str(mediapipe_python), "-c", CLASSIFY, str(made_for_mediapipe)],
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        timeout=120,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    result = json.loads(line.removeprefix("RESULT "))
    assert result["head"] == "probabilities"
    expected = np.stack([in_interpreter(made_for_mediapipe, small_folder, text) for text in TEXTS])
    assert np.ptp(expected, axis=0).max() > 0.5, "texts that all score alike would prove nothing"
    for text, row, wanted in zip(TEXTS, result["rows"], expected, strict=True):
        assert [name for _, name, _ in row] == labels_of(small_folder)
        scores = np.array([score for *_, score in row])
        assert np.abs(scores - wanted).max() < 1e-4, text


def test_mediapipe_environment_is_not_ours(mediapipe_python):
    code = "import sys; sys.exit('torch' in sys.modules or __import__('importlib.util').util.find_spec('torch') is not None)"
    assert subprocess.run([str(mediapipe_python), "-c", code], timeout=60).returncode == 0
    assert mediapipe_python.parent != Path(sys.executable).parent
