"""A sealed .tflite made for MediaPipe, opened unchanged by the real MediaPipe, in an environment of its own (half a gigabyte)."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

import pocketbert
from pocketbert.edge_export.verify import verify
from pocketbert.recipe import Export
from pocketbert.stages.export import export_folder

pytestmark = pytest.mark.slow

MEDIAPIPE = "mediapipe==1.2.2"
INSTALL_SECONDS = 420
LENGTH = 16
# Plain ASCII, lower case: there its tokenizer is the reference tokenizer's equal.
TEXTS = (
    "wake me at six",
    "play monday please",
    "will it rain on monday, thanks!",
    "dim the lamp in the kitchen (room 12)",
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
rows = [[(c.category_name, c.score) for c in head.categories] for head in found]
print("RESULT " + json.dumps({"head": found[0].head_name, "rows": rows}))
"""

# Runs in the other environment: MediaPipe's own generated classes read the metadata flatbuffer on standard input.
READ_METADATA = """
import importlib.util, json, pathlib, sys
package = pathlib.Path(importlib.util.find_spec("mediapipe").origin).parent
place = package / "tasks" / "metadata" / "metadata_schema_py_generated.py"
spec = importlib.util.spec_from_file_location("metadata_schema", place)
schema = importlib.util.module_from_spec(spec)
spec.loader.exec_module(schema)
content = sys.stdin.buffer.read()
assert schema.ModelMetadata.ModelMetadataBufferHasIdentifier(content, 0)
model = schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAs(content, 0))
(graph,) = model.subgraphMetadata
(unit,) = graph.inputProcessUnits
(output,) = graph.outputTensorMetadata
assert unit.optionsType == schema.ProcessUnitOptions.BertTokenizerOptions
kinds = {value: name for name, value in vars(schema.AssociatedFileType).items() if isinstance(value, int)}
files = lambda entries: [[file.name.decode(), kinds[file.type]] for file in entries]
print("RESULT " + json.dumps({
    "inputs": [tensor.name.decode() for tensor in graph.inputTensorMetadata],
    "output": output.name.decode(),
    "labels": files(output.associatedFiles),
    "vocabulary": files(unit.options.vocabFile),
}))
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
        # one retry: without a network the test is to skip in seconds
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", MEDIAPIPE]
        try:
            done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.skip(f"pip did not install {MEDIAPIPE} within {INSTALL_SECONDS} s")
        if done.returncode:
            pytest.skip(f"pip cannot install {MEDIAPIPE}: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}")
        whole.touch()
    return python


@pytest.fixture(scope="module", params=["fp32", "int8"])
def for_mediapipe(request, small_folder, tmp_path_factory) -> Path:
    """A sealed file, made as `pocketbert export --mediapipe` makes it."""
    pytest.importorskip("litert_torch", reason="export is not installed (pip install -e '.[export]')")
    wanted = Export(formats=["tflite"], mediapipe=True, static_length=LENGTH, quantization=request.param)
    out = tmp_path_factory.mktemp(request.param)
    made = export_folder(small_folder, wanted, out, print, name="small")
    return out / made["files"]["tflite"]["file"]


def in_mediapipe(python: Path, code: str, *arguments: str, given: bytes) -> dict:
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([str(python), "-c", code, *arguments], input=given, capture_output=True, env=clean)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    (line,) = [line for line in done.stdout.decode().splitlines() if line.startswith("RESULT ")]
    return json.loads(line.removeprefix("RESULT "))


def test_mediapipe_opens_a_sealed_file_and_gives_our_probabilities(mediapipe_python, for_mediapipe):
    found = in_mediapipe(mediapipe_python, CLASSIFY, str(for_mediapipe), given=json.dumps(TEXTS).encode())
    assert found["head"] == "probabilities"
    with pocketbert.load(for_mediapipe) as predictor:
        ours = [{entry["label"]: entry["score"] for entry in labels} for labels in predictor.predict(list(TEXTS), top_k=None)]
        labels = predictor.artifact.task.labels
        lengths = [predictor.artifact.encode((text,)).input_ids.shape[1] for text in TEXTS]
    assert max(lengths) == LENGTH and min(lengths) == 2, "the long text was to be cut, the empty one to be [CLS] [SEP]"
    spread = np.ptp([[scores[label] for label in labels] for scores in ours], axis=0)
    assert spread.max() > 0.5, "texts that all score alike would prove nothing"
    for text, row, expected in zip(TEXTS, found["rows"], ours, strict=True):
        assert sorted(name for name, _ in row) == sorted(labels)
        assert abs(sum(score for _, score in row) - 1) < 1e-5
        assert max(abs(score - expected[name]) for name, score in row) < 1e-4, text


def test_mediapipes_own_schema_reads_what_we_wrote(mediapipe_python, for_mediapipe):
    """The flatbuffer is found by its identifier alone, so that no code of ours stands between."""
    content = for_mediapipe.read_bytes()
    assert content.count(b"M001") == 1
    start = content.index(b"M001") - 4
    assert in_mediapipe(mediapipe_python, READ_METADATA, given=content[start:]) == {
        "inputs": mediapipe_names(for_mediapipe),
        "output": "probabilities",
        "labels": [["labels.txt", "TENSOR_AXIS_LABELS"]],
        "vocabulary": [["vocab.txt", "VOCABULARY"]],
    }


def mediapipe_names(path: Path) -> list[str]:
    """What each input of the graph is to be called, in the graph's order, from the tensors' own names."""
    from ai_edge_litert.interpreter import Interpreter

    names = {"input_ids": "ids", "attention_mask": "mask", "token_type_ids": "segment_ids"}
    details = Interpreter(model_path=str(path)).get_input_details()
    return [names[entry["name"].removeprefix("serving_default_")] for entry in details]


def test_a_file_for_mediapipe_passes_verify(for_mediapipe):
    verdict = verify(for_mediapipe, None, None)
    assert verdict.passed, verdict
    held = {check.name for check in verdict.checks if check.passed}
    assert held >= {"golden vectors", "every length", "inputs in order"}


def test_mediapipe_environment_is_not_ours(mediapipe_python):
    code = "import sys; sys.exit('torch' in sys.modules or __import__('importlib.util').util.find_spec('torch') is not None)"
    assert subprocess.run([str(mediapipe_python), "-c", code]).returncode == 0
    assert mediapipe_python.parent != Path(sys.executable).parent
