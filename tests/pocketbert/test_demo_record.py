"""What the committed record of the demo says, against what the demo promises."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def summary() -> dict:
    return json.loads((ROOT / "results" / "demo.json").read_text(encoding="utf-8"))


def accuracy(summary: dict, rung: str, split: str) -> float:
    return next(entry for entry in summary["ladder"] if entry["rung"] == rung)[split]["accuracy"]


def test_the_data_is_hard_enough_to_show_what_distillation_is_worth(summary):
    # a student without a teacher falls at least five points behind it on the test written by hand
    assert accuracy(summary, "teacher", "test") - accuracy(summary, "floor", "test") >= 0.05
    assert accuracy(summary, "student", "test") > accuracy(summary, "floor", "test")


def test_every_file_of_the_record_passed_and_was_measured(summary):
    assert [file["container"] for file in summary["files"]] == ["pte", "tflite", "onnx"]
    assert all(file["passed"] and file["delegation"]["share"] >= 0.99 for file in summary["files"])
    measured = {record["file"] for record in summary["bench"] if record["golden"]}
    assert measured == {file["file"] for file in summary["files"]}


def test_the_record_names_no_place_of_the_machine(summary):
    text = json.dumps(summary)
    assert not re.search(r'"/|/home/|/root/|/tmp/|/work/', text)


def test_the_recipe_opens_with_the_times_and_results_of_the_record(summary):
    opening = (ROOT / "pocketbert" / "recipes" / "intents.yaml").read_text(encoding="utf-8").partition("name:")[0]
    minutes = sum(summary["seconds"].values()) / 60
    expected = [f"{minutes:.0f} minutes"]
    expected += [f"{name} {100 * accuracy(summary, name, 'test'):.1f} %" for name in ("teacher", "floor", "student")]
    assert [entry for entry in expected if entry not in opening] == []
