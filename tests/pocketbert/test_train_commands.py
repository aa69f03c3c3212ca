"""`teach` and `distill` as commands: what they may replace, what they go on from, and what they make again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from killing import killed_in
from transformers import AutoModelForSequenceClassification

from pocketbert.commands.distill import distill
from pocketbert.commands.teach import teach
from pocketbert.distill.scoring import evaluate
from pocketbert.recipe import Export, Recipe
from pocketbert.run_folder import open_run
from pocketbert.stages.data import read_tables
from pocketbert.stages.ground import lay_ground
from pocketbert.stages.plan import make_plan, pace_stage
from pocketbert.stages.teach import teach_stage
from pocketbert.tasks import UserError

QUICK = {"intermediate_epochs": 1, "prediction_epochs": 1, "prediction_learning_rate": 1e-3, "augment": "{recombine: 0}"}
QUICK_OPTIONS = [part for name, value in QUICK.items() for part in (f"--{name.replace('_', '-')}", str(value))]


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # small models lose time to threads
    yield
    torch.set_num_threads(before)


def depth(folder: Path) -> int:
    """Layers of a model as transformers alone loads it; every weight must be there."""
    model, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    return model.config.num_hidden_layers


def test_another_student_in_the_same_place_is_another_student(small_folder, small_data, tmp_path, capsys):
    out = tmp_path / "student"
    distill(small_folder, small_data, small_data, out, student="0,", **(QUICK | {"augment": "{recombine: 1}"}))
    assert depth(out) == 1 and "agrees with the teacher" in capsys.readouterr().out
    distill(small_folder, small_data, small_data, out, student="0,1", **QUICK)
    assert depth(out) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["student"]  # no work folder, nothing half-written


def test_a_killed_distillation_goes_on_and_a_change_is_made_again(small_folder, small_data, tmp_path, capsys):
    out, work = tmp_path / "student", tmp_path / ".student.work"
    options = ["--train", small_data, "--dev", small_data, "--out", out, "--student", "0,", *QUICK_OPTIONS]
    killed_in("student", ["distill", small_folder, *options, "--prediction-checkpoint-steps", "1"])
    assert (work / "intermediate" / "stage.json").is_file() and not out.exists()
    killed = Path(shutil.copytree(work, tmp_path / ".changed.work"))
    distill(small_folder, small_data, small_data, out, student="0,", **QUICK)
    assert "intermediate: nothing has changed, skipped" in capsys.readouterr().err
    assert depth(out) == 1 and not work.exists()
    distill(small_folder, small_data, small_data, tmp_path / "changed", student="1,", **QUICK)
    said = capsys.readouterr().err  # the teacher is the same; what begins with another student is not
    assert "intermediate: nothing" not in said and "student: nothing" not in said and not killed.exists()


@pytest.mark.parametrize("command", [teach, distill])
def test_no_folder_of_the_users_is_replaced(command, small_folder, small_data, tmp_path, monkeypatch):
    model, home = Path(shutil.copytree(small_folder, tmp_path / "home" / "model")), tmp_path / "home"
    data = Path(shutil.copy(small_data, home / "data.tsv"))
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for out in (home, model, Path("home"), Path("home/model/.."), Path("."), Path("/")):
        with pytest.raises(UserError, match="would take the place of .*name another folder with --out"):
            command(str(model), data, data, out)
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    with pytest.raises(UserError, match="you are in it; name a folder inside it"):
        monkeypatch.chdir(thesis)
        command(str(model), data, data, Path("."))
    (thesis / "chapter.txt").write_text("years of work")
    monkeypatch.chdir(home)
    with pytest.raises(UserError, match="not a model of pocketbert's.*name a new folder, or remove this one"):
        command(str(model), data, data, thesis)
    with pytest.raises(UserError, match="is a file"):
        command(str(model), data, data, thesis / "chapter.txt")
    assert sorted(tmp_path.rglob("*")) == sorted([*before, thesis, thesis / "chapter.txt"])


def test_a_model_of_ours_is_replaced(small_folder, small_data, tmp_path):
    out = Path(shutil.copytree(small_folder, tmp_path / "teacher"))
    weights = (out / "model.safetensors").read_bytes()
    teach(str(small_folder), small_data, small_data, out, epochs=1, learning_rate=1e-3, max_length=48)
    assert depth(out) == 2 and (out / "model.safetensors").read_bytes() != weights


@pytest.mark.parametrize("command", ["teach", "distill"])
@pytest.mark.parametrize("seed", ["-1", str(2**32)])
def test_a_seed_out_of_range_is_refused_by_the_option(command, seed):
    arguments = [sys.executable, "-m", "pocketbert", command, "m", "--train", "t", "--dev", "d", "--seed", seed]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode != 0 and "--seed" in done.stderr and "Traceback" not in done.stderr


def test_a_pair_teacher_without_our_entry_is_taken_with_numeric_labels(small_pair_folder, small_pair_data, tmp_path):
    model = Path(shutil.copytree(small_pair_folder, tmp_path / "model"))
    config = json.loads((model / "config.json").read_text())
    del config["pocketbert"]
    (model / "config.json").write_text(json.dumps(config))
    rows = [json.loads(line) for line in small_pair_data.read_text(encoding="utf-8").splitlines()]
    numbered = [row | {"label": ["different", "same"].index(row["label"])} for row in rows]
    data = tmp_path / "numbered.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in numbered), encoding="utf-8")
    recipe = Recipe(
        name="taken",
        data={"train": str(data), "dev": str(data)},
        max_length=48,
        teacher={"model": str(model), "fine_tune": False},
        student={"teacher_layers": [0]},
    )
    with open_run(tmp_path / "run", lambda line: None) as run:
        ground = lay_ground(recipe, read_tables(recipe, run.path / "data"))
        pace = pace_stage(recipe, run, ground)
        plan = make_plan(recipe, ground, pace)
        taught = teach_stage(recipe, run, ground, plan)
    # the student keeps its teacher's tables, the baseline trains them; the plan's steps cost accordingly
    assert [plan.stages[name].options.freeze_embeddings for name in ("baseline", "student")] == [False, True]
    # nobody gave a precision: the one that took less time here is in the plan, with both times
    value, why = pace.result["precision"]
    times = [float(number) for number in re.findall(r"([\d.e-]+) s in", why)]
    assert value == ("bf16" if times and times[1] < times[0] else "fp32") and (times or "does not compute in" in why)
    assert {plan.stages[name].options.precision for name in plan.stages} == {value}
    assert all(any(choice.option == "precision" for choice in stage.choices) for stage in plan.stages.values())
    # the model's positions end at 48, so that no length that is found can be greater
    found = lay_ground(recipe.model_copy(update={"max_length": "auto"}), read_tables(recipe, tmp_path / "tables"))
    assert found.max_length == 48
    # what is exported decides nothing about training
    one_file = recipe.model_copy(update={"export": Export(formats=["onnx"], teacher=False)})
    assert make_plan(one_file, ground, pace) == plan
    dear = pace.result | {"student": pace.result["student"] | {"frozen_step": {"update": 600.0, "text": 0.0}}}
    with pytest.raises(UserError, match="a budget of 120 min is too small"):
        make_plan(recipe, ground, replace(pace, result=dear))
    assert taught.task.pair and taught.task.labels == ("different", "same")
    assert [example.target for example in taught.splits.dev.examples] == [row["label"] for row in numbered]
    assert json.loads((taught.stage.folder / "model" / "config.json").read_text())["pocketbert"]["task"]["pair"] is True
    expected = evaluate(small_pair_folder, taught.splits.dev.examples)
    assert abs(evaluate(taught.stage.folder / "model", taught.splits.dev.examples) - expected).max() < 1e-5
