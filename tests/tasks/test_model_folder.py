"""One reading of a model folder, whoever reads it."""

from __future__ import annotations

import json
import shutil

import pytest

from pocketbert.tasks import Classification, Regression, UserError
from pocketbert.tasks.model_folder import licence_of_model, task_of

transformers = pytest.importorskip("transformers")


def config(**values):
    return transformers.BertConfig(**values)


def test_the_task_of_a_head_that_others_made():
    assert task_of(config(id2label={0: " no", 1: "yes "}), "m", pair=True) == Classification(("no", "yes"), pair=True)
    assert task_of(config(num_labels=1), "m") == Regression()
    entry = {"task": {"kind": "regression", "pair": True, "low": 0, "high": 5}, "max_length": 64}
    assert task_of(config(num_labels=1, pocketbert=entry), "m") == Regression(pair=True, low=0, high=5)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"num_labels": 3, "problem_type": "regression"}, "m, config.json: the model is a regression with 3 values"),
        ({"num_labels": 3, "problem_type": "multi_label_classification"}, "multi-label"),
        ({"id2label": {0: "no", 2: "yes"}}, "id2label has no label for column 1 of 2"),
        ({"id2label": {0: "no", 1: "no "}}, "duplicate label"),
        ({"pocketbert": "yes"}, "must be an object with the keys task and max_length"),
        ({"pocketbert": {"max_length": True}}, '"max_length" of the entry "pocketbert"'),
    ],
)
def test_a_head_that_is_no_task_of_ours_is_refused(values, says):
    with pytest.raises(UserError, match=says):
        task_of(config(**values), "m")


def test_training_and_export_read_the_same_task(small_folder, tmp_path):
    from pocketbert.distill.folders import read_classifier
    from pocketbert.edge_export.source import load_source

    folder = tmp_path / "model"
    shutil.copytree(small_folder, folder)
    written = json.loads((folder / "config.json").read_text())
    written.pop("pocketbert", None)
    written["id2label"] = {key: f" {label}" for key, label in written["id2label"].items()}
    (folder / "config.json").write_text(json.dumps(written))
    labels = tuple(label.strip() for label in written["id2label"].values())
    assert read_classifier(folder).task == load_source(folder).task == Classification(labels)


@pytest.mark.parametrize(
    ("front", "licence"),
    [
        ('license: "apache-2.0"', "apache-2.0"),
        ("license: [mit, cc-by-4.0]", "mit, cc-by-4.0"),
        ("license:\n- mit\n- cc-by-4.0", "mit, cc-by-4.0"),
        ("license: mit # checked", "mit"),
        ("license:", None),
        (": [", None),
    ],
)
def test_the_licence_is_what_yaml_says(tmp_path, front, licence):
    (tmp_path / "README.md").write_text(f"---\n{front}\n---\n# a model\n")
    assert licence_of_model(tmp_path) == licence
