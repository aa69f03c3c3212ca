"""The command as a user meets it: answers on standard output, errors in words, no traceback, exit codes that scripts can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("build", "teach", "distill", "export", "verify", "bench", "predict", "inspect", "report", "new", "demo")
COMMANDS += ("doctor", "study")


def pocketbert(*arguments, stdin: str | None = None, code: int = 0):
    """Runs the real command in a process of its own and checks its exit code."""
    command = [sys.executable, "-m", "pocketbert", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, input=stdin)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def refused(*arguments) -> str:
    """The words of a refusal, without the line breaks of the terminal."""
    return " ".join(pocketbert(*arguments, code=1).stderr.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name):
    assert f"pocketbert {name}" in pocketbert(name, "--help").stdout.partition("Example:")[2]


def test_version_names_the_runtimes_that_are_installed():
    import onnxruntime

    lines = pocketbert("--version").stdout.splitlines()
    assert lines[0] == "pocketbert 0.1.0" and f"onnxruntime {onnxruntime.__version__}" in lines


def test_completion_of_a_command_and_of_its_options():
    def completed(words: str, number: int) -> str:
        environment = {"_POCKETBERT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(number)}
        script = Path(sys.executable).with_name("pocketbert")
        done = subprocess.run([script], env=os.environ | environment, capture_output=True, text=True)
        return done.stdout

    assert completed("pocketbert doc", 1).split() == ["doctor"]
    assert "--budget" in completed("pocketbert build --bud", 2)


def test_help_loads_nothing_heavy():
    code = "import sys, pocketbert.cli; print([m for m in ('torch', 'transformers', 'numpy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("container", ["pte", "tflite", "onnx"])
def test_predict_from_arguments(small_artifacts, container):
    done = pocketbert("predict", small_artifacts[container], "wake me at six", "ring my mother", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["labels"][0]["label"] for line in lines] == ["alarm", "call"]
    assert lines[0]["texts"] == ["wake me at six"]
    assert done.stderr == ""  # runtimes' start-up notes are not the user's business


def test_predict_from_standard_input_and_files_with_top_k_and_threshold(small_artifacts, small_data):
    path = small_artifacts["tflite"]
    piped = pocketbert("predict", path, "--json", "--top-k", 2, stdin="play jazz\n\n").stdout.splitlines()
    assert len(piped) == 2 and len(json.loads(piped[0])["labels"]) == 2
    from_file = pocketbert("predict", path, "--json", "--input", small_data).stdout.splitlines()
    assert len(from_file) == 120
    (abstained,) = pocketbert("predict", path, "--json", "--threshold", 1, "hm").stdout.splitlines()
    assert json.loads(abstained)["labels"][0]["label"] is None
    assert "alarm" in pocketbert("predict", path, "wake me at six").stdout


def test_predict_reads_texts_whose_labels_the_file_does_not_know(small_artifacts, tmp_path):
    data = tmp_path / "of_another_task.tsv"
    data.write_text("text\tlabel\nwake me at six\tNOT_OURS\n")
    (line,) = pocketbert("predict", small_artifacts["onnx"], "--json", "--input", data).stdout.splitlines()
    assert json.loads(line)["labels"][0]["label"] == "alarm"


def test_inspect_shows_and_extracts(small_artifacts, tmp_path):
    assert "2 to 48 tokens, exact" in pocketbert("inspect", small_artifacts["pte"]).stdout
    manifest = json.loads(pocketbert("inspect", small_artifacts["pte"], "--json", "--extract", tmp_path).stdout)
    assert manifest["format"]["major"] == 1
    assert {"manifest.json", "golden.json", "tokenizer.json", "normalizer.bin"} <= {p.name for p in tmp_path.iterdir()}


@pytest.mark.parametrize("container", ["pte", "tflite", "onnx"])
def test_verify_passes_a_good_file_and_writes_its_verdict(small_artifacts, small_data, container):
    path = small_artifacts[container]
    done = pocketbert("verify", path, "--data", small_data, "--reference", path.parent / "reference.json", "--json")
    assert json.loads(done.stdout)["passed"] is True
    assert json.loads(path.with_name(path.name + ".verify.json").read_text())["passed"] is True


def test_verify_fails_with_an_exit_code(small_artifacts, small_data, tmp_path):
    # the data's labels are turned round, and so is the student's recorded metric: only the file's drop is left to find
    path = small_artifacts["onnx"]
    import numpy as np

    from pocketbert.edge_export.artifact import open_artifact
    from pocketbert.edge_export.reference import make_reference, write_reference
    from pocketbert.tasks import read_examples, targets_of

    task = open_artifact(path).task
    turned = tmp_path / "turned.tsv"
    rows = [line.split("\t") for line in small_data.read_text(encoding="utf-8").splitlines()]
    other = {"alarm": "music", "music": "alarm"}
    turned.write_text("\n".join("\t".join([text, other.get(label, label)]) for text, label in rows) + "\n", encoding="utf-8")
    examples = read_examples(turned, task)
    perfect = np.eye(task.outputs, dtype=np.float32)[targets_of(examples)]
    write_reference(tmp_path / "reference.json", make_reference(task, "turned.tsv", examples, perfect, None))
    done = pocketbert("verify", path, "--data", turned, "--reference", tmp_path / "reference.json", code=1)
    assert "FAIL" in done.stdout and "metric" in done.stdout


def test_bench_in_every_form_without_torch(small_artifacts, tmp_path):
    files = [small_artifacts["tflite"], small_artifacts["pte"]]
    quick = ("--min-runs", 5, "--min-seconds", 0.01)
    out = tmp_path / "records.jsonl"
    pocketbert("bench", *files, *quick, "--format", "jsonl", "--out", out)
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["container"] for record in records] == ["tflite", "pte"]
    assert all(record["golden"] is True and record["memory"]["steady"] > record["memory"]["base"] for record in records)
    assert pocketbert("bench", files[0], *quick, "--no-memory").stdout.startswith("| name |")
    again = pocketbert("bench", "--read", out, "--format", "jsonl")
    assert again.stdout == out.read_text()
    both = pocketbert("bench", files[0], *quick, "--no-memory", "--read", out).stdout
    assert both.count("| small") == 6  # three records in two tables
    assert "give sealed files to measure, or --read" in refused("bench")
    del records[0]["times"]["forward"]
    out.write_text(json.dumps(records[0]))
    assert 'entry 1: the bench record is malformed (times: "forward" is missing)' in refused("bench", "--read", out)
    out.write_text("[" * 100_000)
    assert "neither JSON nor a JSON record a line" in refused("bench", "--read", out)


def test_new_writes_a_recipe_that_build_understands(tmp_path):
    path = tmp_path / "mine.yaml"
    pocketbert("new", path, "--train", 'my "train".csv', "--teacher", "some/folder")
    assert "exists already" in refused("new", path)
    if sys.version_info >= (3, 11):  # older ones do not train, and say so
        assert 'my "train".csv: no such file' in refused("build", path, "--runs", tmp_path / "runs")


def test_new_writes_nothing_where_it_was_asked_for_something_else(tmp_path):
    assert '--task "ner": use one of classification, regression' in refused("new", tmp_path / "mine.yaml", "--task", "ner")
    assert "is a folder" in refused("new", tmp_path, "--force")
    assert list(tmp_path.iterdir()) == []


def test_new_in_another_folder_names_the_files_that_were_meant(tmp_path, monkeypatch):
    from pocketbert.commands.new import new
    from pocketbert.recipe import read_recipe

    monkeypatch.chdir(tmp_path)
    for folder in ("data", "teacher", "recipes"):
        (tmp_path / folder).mkdir()
    for name in ("train.csv", "dev.csv"):
        (tmp_path / "data" / name).write_text("text,label\n")
    new(Path("recipes/mine.yaml"), train="data/train.csv", dev="data/dev.csv", teacher="teacher")
    recipe = read_recipe(Path("recipes/mine.yaml"))
    meant = [recipe.data.train, recipe.data.dev, recipe.teacher.model]
    files = ("data/train.csv", "data/dev.csv", "teacher")
    assert [Path(path).resolve() for path in meant] == [tmp_path / file for file in files]


def test_bad_files_get_a_message(small_artifacts, tmp_path):
    whole = small_artifacts["tflite"].read_bytes()
    cut, flipped, plain = tmp_path / "cut.tflite", bytearray(whole), tmp_path / "plain.tflite"
    cut.write_bytes(whole[: len(whole) // 2])
    assert "truncated or was never sealed" in refused("predict", cut, "x")
    flipped[len(flipped) // 3] ^= 4
    (tmp_path / "flipped.tflite").write_bytes(flipped)
    assert "the file is damaged" in refused("bench", tmp_path / "flipped.tflite")
    size = json.loads(pocketbert("inspect", small_artifacts["tflite"], "--json").stdout)["compute"]["size"]
    plain.write_bytes(whole[:size])
    assert "without a tokenizer inside; `pocketbert export" in refused("inspect", plain)
    assert "no such file" in refused("predict", tmp_path / "none.pte", "x")
    assert "is a folder" in refused("verify", tmp_path)


def test_bad_options_get_a_message(small_artifacts, small_data, tmp_path):
    path = small_artifacts["onnx"]
    assert "give that file with --data" in refused("verify", path, "--reference", tmp_path / "r.json")
    assert 'unknown format "xml"; use one of csv, json' in refused("bench", path, "--format", "xml")
    assert "not both" in refused("predict", path, "a", "--input", small_data)
    assert 'no column "labl"' in refused("verify", path, "--data", small_data, "--label", "labl")
    assert "has no finished report" in refused("report", tmp_path)
    assert "/proc/pocketbert/manifest.json: cannot be written" in refused("inspect", path, "--extract", "/proc/pocketbert")


def test_bad_options_of_export_get_a_message(tmp_path):
    pytest.importorskip("torch", reason="export is not installed (pip install -e '.[export]')")
    assert "no config.json" in refused("export", tmp_path)
    assert "use pte, tflite and onnx" in refused("export", tmp_path, "--format", "pte,exe")
    assert "--mediapipe is about the .tflite" in refused("export", tmp_path, "--format", "onnx", "--mediapipe")
    assert "name columns of the rows of --data" in refused("export", tmp_path, "--text", "sentence")
    assert "the Python package no_such is not installed" in refused("export", "package:no_such/model")
    assert "there is no such folder, and it was taken for" in refused("export", tmp_path / "none" / "at-all")


def test_export_of_a_users_model_with_numeric_labels_and_no_entry_of_ours(small_folder, small_data, tmp_path):
    import shutil

    model = tmp_path / "my-model"
    shutil.copytree(small_folder, model)
    config = json.loads((model / "config.json").read_text())
    del config["pocketbert"]
    (model / "config.json").write_text(json.dumps(config))
    labels = list(config["label2id"])
    rows = [line.split("\t") for line in small_data.read_text(encoding="utf-8").splitlines()[1:]]
    data = tmp_path / "dev.csv"
    data.write_text("sentence,label\n" + "".join(f'"{text}",{labels.index(label)}\n' for text, label in rows), encoding="utf-8")
    out = tmp_path / "sealed"
    done = pocketbert("export", model, "--data", data, "--out", out, "--format", "onnx")
    assert "metric" in done.stdout and (out / "my-model.onnx").is_file() and (out / "reference.json").is_file()
    assert json.loads((out / "my-model.onnx.verify.json").read_text())["passed"] is True
