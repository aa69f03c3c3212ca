"""The Kotlin engines against Python's runtimes on the same files, and what they say where they cannot run one."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import bionic_shim
import compare_engines
import numpy as np
import pytest
import tomllib

from pocketbert.edge_export.artifact.canonical_zip import read_zip, write_zip
from pocketbert.edge_export.artifact.containers import seal_header, zip_start

ROOT = Path(__file__).resolve().parents[2]
CONTAINERS = ("pte", "tflite", "onnx")
LINES = {
    "pte": 'implementation("org.pytorch:executorch-android:1.3.1")',
    "tflite": 'implementation("com.google.ai.edge.litert:litert:2.1.0")',
    "onnx": 'implementation("com.microsoft.onnxruntime:onnxruntime-android:1.26.0")',
}
JARS = {"pte": "executorch", "tflite": "tensorflow-lite", "onnx": "onnxruntime"}  # how the runtime's jars begin


@pytest.fixture(scope="session")
def android_library() -> None:
    """Skips where Android's x86-64 libraries cannot be loaded."""
    try:
        bionic_shim.java_headers()
    except bionic_shim.NotHere as reason:
        pytest.skip(str(reason))


def test_version_lines_stand_in_the_catalog() -> None:
    catalog = tomllib.loads((ROOT / "android_demo/gradle/libs.versions.toml").read_text(encoding="utf-8"))
    libraries = {
        entry["module"]: catalog["versions"].get(entry.get("version", {}).get("ref")) for entry in catalog["libraries"].values()
    }
    for line in LINES.values():
        module, _, version = line.split('"')[1].rpartition(":")
        assert libraries[module] == version


@pytest.mark.parametrize("container", CONTAINERS)
def test_small_file_as_in_python(kotlin, small_data, container, request) -> None:
    _compare(kotlin.fixtures / f"small.{container}", small_data, request)


@pytest.mark.parametrize("container", CONTAINERS)
def test_demo_file_as_in_python(kotlin, container, request) -> None:
    path = ROOT / "runs/intents/files" / f"intents.{container}"
    if not path.exists():
        pytest.skip(f"{path.relative_to(ROOT)} is not there: `make demo` makes it")
    _compare(path, ROOT / "src/pocketbert/demo/intents/dev.tsv", request)


def _compare(path: Path, data: Path, request) -> None:
    if path.suffix == ".pte":
        request.getfixturevalue("android_library")
    engine = compare_engines.compare(path, data)
    assert engine["data"]["rows"] >= 100
    assert not compare_engines.problems(engine), json.dumps(engine, indent=1)


def test_the_record_is_of_files_that_pass() -> None:
    record = json.loads((ROOT / "results/android_engines.json").read_text(encoding="utf-8"))
    assert [Path(engine["file"]).suffix[1:] for engine in record["engines"]] == list(CONTAINERS)
    assert not [problem for engine in record["engines"] for problem in compare_engines.problems(engine)]


def test_another_label_breaks_the_bound() -> None:
    """The check itself: three rows of 520 are one too many, and a row is named by number, labels and margin."""
    expected = np.array([[2.0, 1.5], [0.0, 1.0]], np.float32)
    found = np.array([[1.4, 1.5], [0.0, 1.0]], np.float32)
    (row,) = compare_engines.other_labels(["a", "b"], expected, found)
    assert row == {"row": 1, "python": "a", "kotlin": "b", "margin": 0.5}
    engine = {"file": "x", "self_check": {"ok": True}, "tolerance": 1, "lengths": {"largest_difference": 0.5}}
    engine["data"] = {"other_labels": [row] * 3, "other_labels_allowed": compare_engines.allowed_rows(520)}
    assert len(compare_engines.problems(engine)) == 1
    engine["data"]["other_labels"].pop()
    assert not compare_engines.problems(engine)
    engine["lengths"]["largest_difference"] = float("nan")
    assert len(compare_engines.problems(engine)) == 1


# ---- refusals: one line {"error": …} and nothing else


@pytest.fixture(scope="session")
def own_classes(kotlin, tmp_path_factory) -> Path:
    """The test classes without the stand-ins for LiteRT."""
    folder = tmp_path_factory.mktemp("own-classes")
    shutil.copytree(compare_engines.ROOT / "engines/target/test-classes/dev", folder / "dev")
    return folder


def refusal(path: Path, own_classes: Path, without: str | None = None, first: Path | None = None) -> str:
    """What EngineMain says of a file.

    Args:
        path: the file.
        own_classes: the fixture.
        without: jars that begin so are left out.
        first: classes that come before all others.
    """
    target = compare_engines.ROOT / "engines/target"
    jars = [jar for jar in (target / "classpath.txt").read_text().split(":") if not Path(jar).name.startswith(without or ":")]
    parts = [*([first] if first else []), own_classes, target / "classes", *jars]
    command = ["java", "-cp", ":".join(map(str, parts)), compare_engines.MAIN, str(path)]
    done = subprocess.run(command, input="", capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    return json.loads(line)["error"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_missing_runtime_names_the_gradle_line(kotlin, own_classes, container) -> None:
    said = refusal(kotlin.fixtures / f"small.{container}", own_classes, without=JARS[container])
    assert said.startswith(f"small.{container}: ")
    assert "this app does not carry" in said and LINES[container] in said


def test_legacy_tensorflow_lite_is_refused_by_name(kotlin, own_classes) -> None:
    """The real classes of 2.16.1: its number is above LiteRT 2.1.0's. It has no native library here, and none is asked for."""
    said = refusal(kotlin.fixtures / "small.tflite", own_classes)
    assert "legacy TensorFlow Lite" in said and "org.tensorflow:tensorflow-lite" in said and LINES["tflite"] in said


def test_old_executorch_is_refused(kotlin, own_classes, tmp_path) -> None:
    """Up to 1.2.0 Module was no Closeable; the rest of the class is not looked at before that."""
    source = tmp_path / "Module.java"
    source.write_text("package org.pytorch.executorch; public class Module { public void destroy() {} }")
    subprocess.run(["javac", "-d", str(tmp_path), str(source)], check=True)
    said = refusal(kotlin.fixtures / "small.pte", own_classes, first=tmp_path)
    assert "an ExecuTorch older than 1.3" in said and "needs 1.3 or later" in said and LINES["pte"] in said


def test_missing_native_library_is_not_called_a_missing_runtime(kotlin, own_classes) -> None:
    said = refusal(kotlin.fixtures / "small.pte", own_classes)
    assert "native library is missing for this processor" in said and "does not carry" not in said


def _resealed(path: Path, to: Path, change) -> Path:
    """The file with another manifest, sealed anew (docs/artifact.md section 2)."""
    data = path.read_bytes()
    _, entries = read_zip(memoryview(data))
    manifest = json.loads(bytes(entries["manifest.json"]))
    change(manifest)
    to.write_bytes(_sealed(data[: manifest["compute"]["size"]], manifest, entries))
    return to


def _sealed(compute: bytes, manifest: dict, entries: dict[str, bytes]) -> bytes:
    container, changed = manifest["container"], {**entries, "manifest.json": json.dumps(manifest).encode()}
    archive = write_zip(changed, zip_start(container, len(compute), {name: len(entry) for name, entry in changed.items()}))
    return compute + seal_header(container, len(archive)) + archive


@pytest.mark.parametrize("container", ["pte", "tflite"])
def test_file_of_a_future_format(kotlin, own_classes, tmp_path, container) -> None:
    source = kotlin.fixtures / f"small.{container}"
    path = _resealed(source, tmp_path / f"future.{container}", lambda manifest: manifest["format"].update(major=2))
    said = refusal(path, own_classes)
    assert said.startswith(f"future.{container}: ") and "2" in said and "newer" in said.lower()


def test_pte_for_a_backend_that_the_runtime_lacks(kotlin, android_library, tmp_path) -> None:
    """ExecuTorch reads such a program without a complaint; its method is what cannot be loaded."""
    data = (kotlin.fixtures / "small.pte").read_bytes()
    _, entries = read_zip(memoryview(data))
    manifest = json.loads(bytes(entries["manifest.json"]))
    compute = data[: manifest["compute"]["size"]].replace(b"XnnpackBackend", b"MissingBackend")
    manifest["compute"]["sha256"] = hashlib.sha256(compute).hexdigest()
    path = tmp_path / "gpu.pte"
    path.write_bytes(_sealed(compute, manifest, entries))
    with pytest.raises(compare_engines.KotlinFailed, match=r"^gpu\.pte: ExecuTorch cannot open gpu\.pte: "):
        compare_engines.kotlin_outputs(path, [("wake me",)])


def test_file_that_needs_a_newer_runtime(kotlin, own_classes, tmp_path) -> None:
    source = kotlin.fixtures / "small.onnx"
    path = _resealed(source, tmp_path / "new.onnx", lambda manifest: manifest["runtime"].update(least_version="9.1"))
    said = refusal(path, own_classes)
    assert "needs ONNX Runtime 9.1 or later, and this app carries 1.26.0: raise the version" in said


def test_pte_for_another_task(kotlin, own_classes, tmp_path) -> None:
    source = kotlin.fixtures / "small.pte"
    path = _resealed(source, tmp_path / "embed.pte", lambda manifest: manifest.update(task={"kind": "embedding", "pair": False}))
    assert "embedding" in refusal(path, own_classes)


def test_pte_of_someone_else(kotlin, own_classes, tmp_path) -> None:
    data = (kotlin.fixtures / "small.pte").read_bytes()
    path = tmp_path / "vision.pte"
    path.write_bytes(data[: read_zip(memoryview(data))[0]])
    assert "pocketbert" in refusal(path, own_classes)


def test_random_zip(kotlin, own_classes, tmp_path) -> None:
    archive = shutil.make_archive(str(tmp_path / "holiday"), "zip", ROOT / "tools" / "android")
    said = refusal(Path(archive), own_classes)
    assert said.startswith("holiday.zip: ") and "zip archive" in said
