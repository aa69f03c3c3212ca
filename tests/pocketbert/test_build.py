"""A whole small build: every stage for real, skipped when run again, going on after kill -9 in each stage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from killing import killed_in

from pocketbert.build import NOT_WORTH_SHIPPING
from pocketbert.report import NOT_WORTH

TRAINED = ("teacher", "baseline", "intermediate", "student")  # in the order in which they run
STAGES = ("pace", "augment-pace", "words", *TRAINED, "augment", "files", "verify", "teacher-files", "bench", "report")
KILLED_IN = ("teacher", "baseline", "augment", "intermediate", "student", "files", "verify", "bench")

# Every training value is given: nothing is searched for. A checkpoint comes after a fixed number of steps, not of seconds.
TRAINING = "batch_size: 16, patience: 0, precision: fp32, checkpoint_steps: 5"
RECIPE = """
name: small
data: {{train: {train}, dev: {dev}, test: {test}}}
max_length: 48
teacher: {{model: {teacher}, training: {{epochs: 8, learning_rate: 1.0e-4, warmup: 0.1, {training}}}}}
student: {{teacher_layers: [1]}}
baseline: {{epochs: 8, learning_rate: 1.0e-3, warmup: 0.1, {training}}}
augment: {{recombine: 1, replace: {{copies: 1, candidates: 3, margin: 0.01}}}}
intermediate:
  training: {{epochs: 6, learning_rate: 1.0e-3, schedule: constant, warmup: 0.0, keep: last, {training}}}
prediction: {{training: {{epochs: 6, learning_rate: 1.0e-3, warmup: 0.1, {training}}}}}
export: {{formats: [onnx, tflite], quantization: int8}}
bench: {{min_runs: 5, min_seconds: 0.05, baselines: [teacher, onnxruntime]}}
"""


def arguments(recipe: Path, runs: Path) -> list[str]:
    return ["build", str(recipe), "--runs", str(runs)]


def command(recipe: Path, runs: Path) -> list[str]:
    return [sys.executable, "-m", "pocketbert", *arguments(recipe, runs)]


def build(recipe: Path, runs: Path, *options: str) -> subprocess.CompletedProcess:
    done = subprocess.run([*command(recipe, runs), *options], capture_output=True, text=True)
    # a student of so few steps may be no better than a bag of words, and then the build says so; its files are whole
    assert done.returncode in (0, NOT_WORTH_SHIPPING), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def recipe(small_folder, small_splits, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "small.yaml"
    path.write_text(RECIPE.format(**small_splits, teacher=small_folder, training=TRAINING), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def killed_run(recipe, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess, str]:
    """A build that was killed -9 in the middle of one stage after the other, then run to its end; and all that was said."""
    runs, said = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("said") / "stderr"
    for stage in KILLED_IN:
        with said.open("a") as stream:
            killed_in(stage, arguments(recipe, runs), stream)
        assert not (runs / "small" / stage).exists(), f"{stage} looks whole after a kill"
        assert (runs / "small" / f".{stage}.new").exists(), f"{stage} was not under way"
    done = build(recipe, runs)
    return runs, done, said.read_text() + done.stderr


@pytest.mark.timeout(3600)  # eight builds begin in its fixture
def test_a_build_killed_in_every_stage_ends_whole(killed_run):
    runs, done, said = killed_run
    assert said.count(" resumed at step 5\n") == len(TRAINED)
    # once per format for the student, once for the teacher: what was finished before the kill is not made again
    assert said.count("multiply-accumulates") == 4
    for stage in STAGES:
        assert (runs / "small" / stage / "stage.json").is_file()
    leftovers = [path.name for path in (runs / "small").iterdir() if path.name.endswith((".new", ".old"))]
    assert leftovers == []
    assert "report.html" in done.stdout and "small.tflite" in done.stdout


def test_the_summary_compares_every_model(killed_run):
    runs, done, _ = killed_run
    summary = json.loads((runs / "small" / "report" / "summary.json").read_text())
    compared = [(entry["model"], entry["container"]) for entry in summary["models"]]
    files = [("student", "onnx"), ("student", "tflite"), ("teacher", "onnx"), ("teacher", "tflite")]
    single = [(name, None) for name in ("bag of words", "teacher", "baseline", "student")]
    assert sorted(compared, key=str) == sorted([*single, *files], key=str)
    for entry in summary["models"]:
        assert 0 <= entry["dev"]["accuracy"] <= 1 and 0 <= entry["test"]["accuracy"] <= 1
    # student and teacher in both formats, the teacher in PyTorch, and onnxruntime's own
    assert all(file["passed"] for file in summary["files"]) and len(summary["bench"]) == 6


def test_the_exit_code_says_what_the_summary_says(killed_run):
    runs, done, _ = killed_run
    summary = json.loads((runs / "small" / "report" / "summary.json").read_text())
    failed = [check for check in summary["checks"] if check["level"] == "failed"]
    assert (done.returncode == NOT_WORTH_SHIPPING) == (summary["standing"] == NOT_WORTH) == bool(failed)
    assert all(check["fix"] and check["name"] in done.stderr for check in failed)
    card = (runs / "small" / "student" / "model" / "README.md").read_text()
    assert all(check["name"] in card for check in summary["checks"])
    text = json.dumps(summary)
    assert str(runs) not in text and str(Path.home()) not in text


def test_run_again_it_skips_everything(killed_run, recipe):
    done = build(recipe, killed_run[0])
    assert done.stderr.count("nothing has changed, skipped") == len(STAGES)


def test_a_changed_recipe_redoes_only_what_depends_on_it(killed_run, recipe, tmp_path):
    changed = tmp_path / "small.yaml"
    changed.write_text(recipe.read_text().replace("min_runs: 5", "min_runs: 6"), encoding="utf-8")
    # every training number is given, so another budget decides none of them; the record says how it was called
    done = build(changed, killed_run[0], "--budget", "25")
    skipped = [stage for stage in STAGES if f"{stage}: nothing has changed" in done.stderr]
    assert skipped == [stage for stage in STAGES if stage not in ("bench", "report")]
    summary = json.loads((killed_run[0] / "small" / "report" / "summary.json").read_text())
    assert summary["command"] == "pocketbert build small.yaml --budget 25"


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
    assert not (runs / "small" / "report").exists()  # the one of the build before would say that every file passed


def test_a_teacher_that_learns_nothing_ends_the_build_with_a_report_that_says_so(killed_run, recipe, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(killed_run[0], runs)
    numb = tmp_path / "small.yaml"
    content = yaml.safe_load(recipe.read_text())
    content["teacher"]["training"] |= {"epochs": 1}
    # a dev set on which always saying the commonest label of train is right: nothing can be better
    header, *rows = Path(content["data"]["dev"]).read_text().splitlines()
    train = [line.split("\t")[1] for line in Path(content["data"]["train"]).read_text().splitlines()[1:]]
    commonest = max(sorted(set(train)), key=train.count)
    content["data"]["dev"] = str(tmp_path / "dev.tsv")
    Path(content["data"]["dev"]).write_text("\n".join([header, *(row for row in rows if row.endswith(f"\t{commonest}"))]) + "\n")
    numb.write_text(yaml.safe_dump(content), encoding="utf-8")
    done = subprocess.run(command(numb, runs), capture_output=True, text=True)
    assert done.returncode == NOT_WORTH_SHIPPING, done.stderr
    assert "learnt nothing that could be distilled" in done.stderr and "Traceback" not in done.stderr
    report = runs / "small" / "report"
    assert str(report / "report.html") in "".join(done.stderr.split("\n"))
    summary = json.loads((report / "summary.json").read_text())
    assert summary["standing"] == NOT_WORTH and summary["files"] == [] and summary["machine"]["cpu"]
    assert [entry["model"] for entry in summary["models"]] == ["bag of words", "teacher"]
    assert "nothing was distilled" in (report / "report.html").read_text()
