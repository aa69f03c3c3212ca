"""The teacher exported as the student is: real files, scored in their runtimes; one that cannot be made stops nothing."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from pocketbert import load
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages import export
from pocketbert.stages.export import teacher_files_stage
from pocketbert.tasks import UserError, read_examples, task_from_dict


@pytest.fixture(scope="module")
def taught(small_pair_folder, small_pair_data, tmp_path_factory) -> SimpleNamespace:
    """The small model of pairs as a finished teacher; dev and test are its own data."""
    folder = tmp_path_factory.mktemp("taught")
    (folder / "model").symlink_to(small_pair_folder)
    task = task_from_dict({"kind": "classification", "pair": True, "labels": ["different", "same"]})
    examples = read_examples(small_pair_data, task)
    splits = {name: SimpleNamespace(examples=rows) for name, rows in (("train", []), ("dev", examples), ("test", examples[:30]))}
    stage = StageResult(folder, "made up", {}, 1.0)
    return SimpleNamespace(stage=stage, task=task, splits=SimpleNamespace(named=lambda: splits))


def recipe(**options) -> Recipe:
    """MediaPipe takes no pairs, so that the .tflite of this recipe cannot be made."""
    data, teacher = {"train": "train.tsv", "dev": "dev.tsv"}, {"model": "made-up/teacher"}
    wanted = {"formats": ["tflite", "onnx"], "mediapipe": True} | options
    return Recipe.model_validate({"name": "made", "data": data, "teacher": teacher, "export": wanted})


def test_what_can_be_made_is_scored_and_what_cannot_says_why(taught, tmp_path):
    pytest.importorskip("litert_torch", reason="export is not installed (pip install -e '.[export]')")
    said: list[str] = []
    stage = teacher_files_stage(recipe(), RunFolder(tmp_path, said.append), taught)
    made = stage.result["files"]["onnx"]
    assert stage.folder == tmp_path / "teacher-files" and made["file"] == "made-teacher.onnx"
    splits = taught.splits.named()
    with load(stage.folder / made["file"]) as model:
        for split in ("dev", "test"):
            answers = model.predict([example.texts for example in splits[split].examples])
            right = [a["label"] == taught.task.labels[e.target] for a, e in zip(answers, splits[split].examples, strict=True)]
            assert made["metrics"][split]["accuracy"] == pytest.approx(sum(right) / len(right))
    assert "single-text classifier" in stage.result["files"]["tflite"]["failed"]
    assert any("no .tflite to compare with" in line for line in said)
    assert list(made["metrics"]) == ["dev", "test"] and list(stage.result["files"]) == ["tflite", "onnx"]
    teacher_files_stage(recipe(), RunFolder(tmp_path, said.append), taught)
    assert said[-1].endswith("nothing has changed, skipped")


def test_a_recipe_may_leave_it_out(taught, tmp_path):
    assert teacher_files_stage(recipe(teacher=False), RunFolder(tmp_path, print), taught) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrapped", [False, True], ids=["as it is", "in a message for the user"])
def test_a_full_disk_is_not_the_teachers_fault(taught, tmp_path, monkeypatch, wrapped):
    def full(*args, **options):
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            if wrapped:
                raise UserError("the disk is full") from None
            raise error

    monkeypatch.setattr(export, "export_folder", full)
    with pytest.raises(UserError, match="full"):
        teacher_files_stage(recipe(), RunFolder(tmp_path, print), taught)
    assert not (tmp_path / "teacher-files").exists(), "the next run tries again"


def test_the_students_files_do_not_depend_on_whether_the_teacher_is_exported(taught, tmp_path):
    hashes = set()
    for wanted in (True, False):
        run = SimpleNamespace(stage=lambda name, inputs, *rest: hashes.add(str(inputs)))
        export.export_stage(recipe(teacher=wanted), run, taught, StageResult(Path("student"), "made up", {}, 1.0))
    assert len(hashes) == 1
