"""`pocketbert general`, from text to a student of a recipe."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from pocketbert.commands.distill import distill
from pocketbert.commands.general import general, shape_of
from pocketbert.tasks import UserError

QUICK = {"student": "1,64,4,96", "max_length": 16, "epochs": 1, "batch_size": 8, "precision": "fp32"}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # small models lose time to threads
    yield
    torch.set_num_threads(before)


@pytest.fixture
def text(tmp_path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n\n".join(f"wake me at six please\nplay café jazz now\nroom {n} is dark" for n in range(150)))
    return path


def test_the_encoder_is_what_a_student_begins_with(small_folder, small_data, text, tmp_path, capsys):
    out = tmp_path / "encoder"
    general(str(small_folder), [str(text)], out, **QUICK)
    said = capsys.readouterr()
    assert "steps, loss" in said.out and "about 0 min" in said.err and "150 documents" in said.err
    card = (out / "README.md").read_text()
    assert "It has seen text.txt: 150 documents" in card and str(tmp_path) not in card
    assert not (tmp_path / ".encoder.work").exists()
    student = tmp_path / "student"
    steps = {"intermediate_epochs": 1, "prediction_epochs": 1, "prediction_learning_rate": 1e-3, "augment": "{}"}
    distill(small_folder, small_data, small_data, student, student="1", layers_from=str(out), **steps)
    model = AutoModelForSequenceClassification.from_pretrained(student)
    assert (model.config.num_hidden_layers, model.config.intermediate_size) == (1, 96)
    # again, over what is there: an encoder of ours may be replaced
    general(str(small_folder), [str(text)], out, **(QUICK | {"student": "2,64,4,96"}))


def test_bad_input(small_folder, text, tmp_path):
    out = tmp_path / "encoder"
    for student in ("4,312", "a,b,c,d"):
        with pytest.raises(UserError, match="give layers,width,heads,feed-forward"):
            shape_of(student)
    with pytest.raises(UserError, match="no such file or folder"):
        general(str(small_folder), [str(tmp_path / "missing.txt")], out, **QUICK)
    with pytest.raises(UserError, match="would take the place of"):
        general(str(small_folder), [str(text)], tmp_path, **QUICK)
    with pytest.raises(UserError, match="loss attention: .* the student has 2 heads, the teacher 4"):
        general(str(small_folder), [str(text)], out, **(QUICK | {"student": "1,64,2,96"}))
    with pytest.raises(UserError, match="sequences, and a batch 5000; give more text"):
        general(str(small_folder), [str(text)], out, **(QUICK | {"batch_size": 5000}))
    with pytest.raises(UserError, match="max_length 100: the position table of .* ends at 48"):
        general(str(small_folder), [str(text)], out, **(QUICK | {"max_length": 100}))
    assert not out.exists()
