from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from pocketbert.distill.checkpoints import claim, newest_whole
from pocketbert.distill.student import NewShape, TeacherLayers, write_student
from pocketbert.tasks import Classification

SCRIPT = Path(__file__).with_name("kill_and_resume.py")
LABELS = ("alarm", "music", "weather", "call", "lights")


@pytest.fixture(scope="module")
def place(small_folder, small_data, tmp_path_factory) -> dict[str, Path]:
    """A teacher, two students (one narrower, so that there are projections) and data in one folder."""
    folder = tmp_path_factory.mktemp("resume")
    shutil.copy(small_data, folder / "data.tsv")
    task = Classification(LABELS)
    write_student(small_folder, NewShape(1, 32, 4, 48), task, 48, 0, folder / "narrow")
    write_student(small_folder, TeacherLayers((1,)), task, 48, 0, folder / "copied")
    return {"work": folder, "teacher": small_folder}


def run(place, stage: str, student: str, works: list[tuple[str, int]], precision: str = "fp32") -> list[int]:
    """Exit codes of the stage run in each (folder, step of the process to die at)."""
    folder = place["work"]
    common = {"stage": stage, "teacher": str(place["teacher"]), "student": str(folder / student), "precision": precision}
    runs = [common | {"work": str(folder / work), "kill_at": kill_at} for work, kill_at in works]
    for work, _ in works:
        (folder / work).mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, SCRIPT, json.dumps(runs)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def losses(place, work: str) -> list[dict]:
    return [json.loads(line) for line in (place["work"] / work / "checkpoints" / "losses.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "stage, student, precision, kills, resumed_at",
    [
        # twice: in the middle of an epoch, and past an epoch's end (ten steps from the checkpoint of step 3)
        ("intermediate", "narrow", "bf16", (5, 10), 12),
        ("prediction", "copied", "fp32", (11,), 9),
        ("together", "narrow", "fp32", (8,), 6),
    ],
)
def test_a_killed_run_goes_on_with_bit_equal_losses_and_weights(place, stage, student, precision, kills, resumed_at):
    checkpoints = place["work"] / f"killed {stage}" / "checkpoints"
    works = [(f"whole {stage}", 0), *((f"killed {stage}", kill) for kill in kills), (f"killed {stage}", 0)]
    assert run(place, stage, student, works, precision) == [0, *[-signal.SIGKILL] * len(kills), 0]
    report = json.loads((checkpoints.parent / "report.json").read_text())
    assert report["resumed_at"] == resumed_at  # the checkpoint of a step that killed it was not taken yet
    expected, found = losses(place, f"whole {stage}"), losses(place, f"killed {stage}")
    assert [line["step"] for line in expected if "loss" in line] == list(range(1, 16))
    assert found == expected  # every float as it was written out, all its digits
    weights = [load_file(place["work"] / f"{how} {stage}" / "out" / "model.safetensors") for how in ("whole", "killed")]
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])
    assert not list(checkpoints.glob("checkpoint-*")), "a finished stage leaves no large files"


def test_patience_ends_a_run_at_the_same_step_after_a_kill(place):
    # 15 steps, scored after 5, 10 and 15: the second score is no better than the first
    works = [("whole patience", 0), ("killed patience", 8), ("killed patience", 0)]
    assert run(place, "patience", "copied", works) == [0, -signal.SIGKILL, 0]
    reports = [json.loads((place["work"] / f"{how} patience" / "report.json").read_text()) for how in ("whole", "killed")]
    for report in reports:
        assert (report["steps"], report["planned_steps"], report["stopped"]) == (10, 15, True)
        assert [step for step, _ in report["scores"]] == [5, 10] and report["best"]["step"] == 5
    assert reports[1]["resumed_at"] == 6 and losses(place, "killed patience") == losses(place, "whole patience")


def test_a_search_killed_in_every_one_of_its_runs_finds_the_same_rate_and_bit_equal_weights(place):
    # Two trials and the whole run, 15 steps each: dead at step 8, resumed at 6, nine more steps and eight of the next run, twice.
    kills = (8, 9 + 8, 9 + 8)
    works = [("whole search", 0), *(("killed search", kill) for kill in kills), ("killed search", 0)]
    assert run(place, "search", "copied", works) == [0, *[-signal.SIGKILL] * len(kills), 0]
    reports = [json.loads((place["work"] / f"{how} search" / "report.json").read_text()) for how in ("whole", "killed")]
    assert reports[1]["resumed_at"] == 6 and reports[0]["resumed_at"] == 0
    assert reports[0]["choices"] == reports[1]["choices"] and reports[0]["scores"] == reports[1]["scores"]
    assert len(reports[0]["choices"][0]["among"]) == 2
    weights = [load_file(place["work"] / f"{how} search" / "out" / "model.safetensors") for how in ("whole", "killed")]
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


def test_checkpoints_hold_the_projections_and_half_written_ones_are_passed_over(place):
    assert run(place, "intermediate", "narrow", [("torn", 8)]) == [-signal.SIGKILL]
    checkpoints = place["work"] / "torn" / "checkpoints"
    whole = checkpoints / "checkpoint-6"
    names = load_file(whole / "model.safetensors")
    assert {"alignment.terms.embedding.projection", "alignment.terms.hidden.projections.0"} <= set(names)
    for name in ("trainer_state.json", "model.safetensors", "optimizer.pt", "rng_state.pth"):
        torn = checkpoints / "checkpoint-9"
        shutil.rmtree(torn, ignore_errors=True)
        shutil.copytree(whole, torn)
        state = json.loads((torn / "trainer_state.json").read_text()) | {"global_step": 9}
        (torn / "trainer_state.json").write_text(json.dumps(state))
        assert newest_whole(checkpoints) == torn
        with (torn / name).open("r+b") as file:
            file.truncate((torn / name).stat().st_size // 2)
        assert newest_whole(checkpoints) == whole, name
        (torn / name).unlink()
        assert newest_whole(checkpoints) == whole, name


def test_checkpoints_of_another_run_are_not_gone_on_from(tmp_path):
    claim(tmp_path, {"student": "a"})
    (tmp_path / "checkpoint-3").mkdir()
    (tmp_path / "losses.jsonl").write_text('{"step": 3, "loss": 1.0}\n')
    claim(tmp_path, {"student": "a"})
    assert (tmp_path / "checkpoint-3").is_dir() and (tmp_path / "losses.jsonl").is_file()
    claim(tmp_path, {"student": "b"})
    assert not (tmp_path / "checkpoint-3").exists() and not (tmp_path / "losses.jsonl").exists()
