"""docs/python.md: its code runs as it stands, in one session, on a small encoder and small data."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from pocketbert.tasks import UserError

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def session(small_folder, small_rows_file, tmp_path_factory):
    """What the page's code leaves, run block by block in a folder of its own."""
    pytest.importorskip("executorch", reason="export is not installed (pip install -e '.[export]')")
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copytree(small_folder, folder / "my-encoder")
    for name in ("train.csv", "dev.csv"):
        shutil.copy(small_rows_file, folder / name)
    found: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in BLOCKS:
            exec(compile(block, "docs/python.md", "exec"), found)
        found["folder"] = folder
        yield found


@pytest.fixture(scope="module")
def small_rows_file(small_data, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with small_data.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(csv.reader(lines, delimiter="\t"))
    return path


def test_the_page_makes_verifies_opens_and_measures_files(session):
    assert sorted(session["sealed"].files) == ["onnx", "pte", "tflite"]
    assert all(verdict.passed for verdict in session["sealed"].verdicts.values())
    assert session["verdict"].passed and session["verdict"].figure("agreement_student") > 0.9
    assert [len(labels) for labels in session["answers"]] == [2, 2]
    assert session["record"].golden is True and session["record"].times["forward"].runs >= 20


def test_a_wrong_option_is_named_as_a_recipe_names_it(session):
    from pocketbert.api import distill, teach

    with pytest.raises(UserError, match=r"^teacher\.training\.epochs: .*greater than 0, or auto \(found -1\)"):
        teach("my-encoder", "train.csv", "dev.csv", training={"epochs": -1})
    with pytest.raises(UserError, match=r"^prediction\.temprature: "):
        distill("teacher", "train.csv", "dev.csv", prediction={"temprature": 2.0})
    assert not (session["folder"] / "teacher-2").exists()
