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
teacher: {{model: {teacher}, fine_tune: true, training: {{epochs: 1, learning_rate: 1.0e-4}}}}
student: {{teacher_layers: [1]}}
floor: {{epochs: 1, learning_rate: 1.0e-3}}
augment: {{recombine: 1}}
intermediate: {{training: {{epochs: 2, learning_rate: 1.0e-3, schedule: constant, warmup: 0.0, keep: last}}}}
prediction: {{training: {{epochs: 4, learning_rate: 1.0e-3}}}}
export: {{formats: [onnx, tflite], quantization: int8}}
bench: {{min_runs: 5, min_seconds: 0.05, baselines: [teacher, onnxruntime]}}
"""
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


@pytest.fixture(scope="module")
def killed_run(recipe, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess, list[str]]:
    """A build that was killed -9 in the middle of every stage in turn, then run to its end."""
    runs = tmp_path_factory.mktemp("runs")
    killed = []
    for stage in STAGES[:-1]:
        child = subprocess.Popen(command(recipe, runs), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        fresh = runs / "small" / f".{stage}.new"
        deadline = time.monotonic() + 240
        while child.poll() is None and not fresh.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert fresh.exists() and child.poll() is None, f"the build never came to {stage}"
        time.sleep(0.1)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        killed.append(stage)
        assert not (runs / "small" / stage / "stage.json").exists() or stage in ("verify", "bench")
    return runs, build(recipe, runs), killed


def test_a_build_killed_in_every_stage_ends_whole(killed_run):
    runs, done, killed = killed_run
    assert killed == list(STAGES[:-1])
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
