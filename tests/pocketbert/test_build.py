"""A whole small build: every stage for real, skipped when run again, going on after kill -9 in each stage."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RECIPE = """
name: small
data: {{train: {data}, dev: {data}, test: {data}}}
max_length: 48
teacher: {{model: {teacher}, training: {{epochs: 8, learning_rate: 1.0e-4, checkpoint_seconds: 0.05}}}}
student: {{teacher_layers: [1]}}
floor: {{epochs: 8, learning_rate: 1.0e-3, checkpoint_seconds: 0.05}}
augment: {{recombine: 1}}
intermediate:
  training: {{epochs: 6, learning_rate: 1.0e-3, schedule: constant, warmup: 0.0, keep: last, checkpoint_seconds: 0.05}}
prediction: {{training: {{epochs: 6, learning_rate: 1.0e-3, checkpoint_seconds: 0.05}}}}
export: {{formats: [onnx, tflite], quantization: int8}}
bench: {{min_runs: 5, min_seconds: 0.05, baselines: [teacher, onnxruntime]}}
"""
TRAINED = ("teacher", "floor", "intermediate", "student")
STAGES = ("teacher", "floor", "intermediate", "student", "files", "verify", "bench", "report")


def command(recipe: Path, runs: Path) -> list[str]:
    return [sys.executable, "-m", "pocketbert", "build", str(recipe), "--runs", str(runs)]


def build(recipe: Path, runs: Path) -> subprocess.CompletedProcess:
    done = subprocess.run(command(recipe, runs), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def recipe(small_folder, small_data, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "small.yaml"
    path.write_text(RECIPE.format(data=small_data, teacher=small_folder), encoding="utf-8")
    return path


def under_way(run: Path, stage: str) -> bool:
    """Whether the stage has begun, and a training stage has something to go on from."""
    if stage in TRAINED:
        return any((run / "work" / stage).glob("checkpoint-*"))
    return (run / f".{stage}.new").exists()


@pytest.fixture(scope="module")
def killed_run(recipe, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess, str]:
    """A build that was killed -9 in the middle of every stage in turn, then run to its end; and all that was said."""
    runs, said = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("said") / "stderr"
    for stage in STAGES[:-1]:
        with said.open("a") as stream:
            child = subprocess.Popen(command(recipe, runs), stdout=subprocess.DEVNULL, stderr=stream)
        deadline = time.monotonic() + 240
        while child.poll() is None and not under_way(runs / "small", stage) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert child.poll() is None and under_way(runs / "small", stage), f"the build never came to {stage}"
        time.sleep(0.1)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert not (runs / "small" / stage).exists(), f"{stage} looks whole after a kill"
    done = build(recipe, runs)
    return runs, done, said.read_text() + done.stderr


def test_a_build_killed_in_every_stage_ends_whole(killed_run):
    runs, done, said = killed_run
    assert said.count("resumed at step") == len(TRAINED)
    for stage in STAGES:
        assert (runs / "small" / stage / "stage.json").is_file()
    leftovers = [path.name for path in (runs / "small").iterdir() if path.name.endswith((".new", ".old"))]
    assert leftovers == []
    assert "report.html" in done.stdout and "small.tflite" in done.stdout


def test_the_summary_has_the_whole_ladder(killed_run):
    summary = json.loads((killed_run[0] / "small" / "report" / "summary.json").read_text())
    assert [rung["rung"] for rung in summary["ladder"]] == ["teacher", "floor", "student", "onnx int8", "tflite int8"]
    for rung in summary["ladder"]:
        assert 0 <= rung["dev"]["accuracy"] <= 1 and 0 <= rung["test"]["accuracy"] <= 1
    assert all(file["passed"] for file in summary["files"]) and len(summary["bench"]) == 4
    text = json.dumps(summary)
    assert str(killed_run[0]) not in text and str(Path.home()) not in text


def test_run_again_it_skips_everything(killed_run, recipe):
    done = build(recipe, killed_run[0])
    assert done.stderr.count("nothing has changed, skipped") == len(STAGES)


def test_a_changed_recipe_redoes_only_what_depends_on_it(killed_run, recipe, tmp_path):
    changed = tmp_path / "small.yaml"
    changed.write_text(recipe.read_text().replace("min_runs: 5", "min_runs: 6"), encoding="utf-8")
    done = build(changed, killed_run[0])
    skipped = [stage for stage in STAGES if f"{stage}: nothing has changed" in done.stderr]
    assert skipped == ["teacher", "floor", "intermediate", "student", "files", "verify"]


def test_the_student_is_a_plain_hugging_face_folder(killed_run):
    # in a process that cannot import pocketbert at all
    folder = killed_run[0] / "small" / "student" / "model"
    code = (
        "import sys; sys.modules['pocketbert'] = None\n"
        "from transformers import AutoModelForSequenceClassification, AutoTokenizer\n"
        f"folder = {str(folder)!r}\n"
        "m, t = AutoModelForSequenceClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)\n"
        "print(m.config.id2label[int(m(**t('wake me at six', return_tensors='pt')).logits.argmax())], m.config.num_hidden_layers)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "1"
    assert "licence" in (folder / "README.md").read_text().lower()


def test_a_failed_gate_stops_the_build_with_a_message(killed_run, recipe, tmp_path):
    # a limit that no file can keep: more accuracy than the student has
    runs = tmp_path / "runs"
    shutil.copytree(killed_run[0], runs)
    strict = tmp_path / "small.yaml"
    strict.write_text(recipe.read_text() + "verify: {points: 0, rows: 0}\n", encoding="utf-8")
    reference = runs / "small" / "files" / "reference.json"
    entry = json.loads(reference.read_text())
    entry["student_metrics"]["accuracy"] = 1.5
    reference.write_text(json.dumps(entry))
    done = subprocess.run(command(strict, runs), capture_output=True, text=True)
    assert done.returncode == 1 and "verification failed" in done.stderr and "Traceback" not in done.stderr
    assert json.loads((runs / "small" / "files" / "small.onnx.verify.json").read_text())["passed"] is False
