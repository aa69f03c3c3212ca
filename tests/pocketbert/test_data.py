"""A recipe's files: which are read as they are, and what they are called afterwards."""

from __future__ import annotations

import pytest
import yaml

from pocketbert.recipe import read_recipe
from pocketbert.stages.data import read_splits, read_tables, task_of_train
from pocketbert.stages.ground import lay_ground
from pocketbert.tasks import UserError

ROWS = "sentence\tlabel\n" + "".join(f"wake me at {n}\talarm\nplay song {n}\tmusic\n" for n in range(3))


@pytest.fixture
def splits(tmp_path):
    def read(**sources):
        content = {"name": "x", "task": "classification", "data": sources, "teacher": {"model": "nobody/reads-it"}}
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        recipe = read_recipe(tmp_path / "x.yaml")
        tables = read_tables(recipe, tmp_path / "cache")
        return read_splits(tables, task_of_train(recipe, tables))

    return read


def test_a_suffix_in_capitals_is_a_suffix(tmp_path, splits):
    for name in ("TRAIN.TSV", "dev.Tsv"):
        (tmp_path / name).write_text(ROWS, encoding="utf-8")
    found = splits(train="TRAIN.TSV", dev="dev.Tsv")
    assert (found.train.name, found.dev.name, len(found.train.examples)) == ("TRAIN.TSV", "dev.Tsv", 6)


def test_a_dev_set_with_none_of_trains_labels_is_refused_before_anything_is_trained(tmp_path):
    (tmp_path / "train.tsv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "dev.tsv").write_text(ROWS.replace("alarm", "Wecker").replace("music", "Musik"), encoding="utf-8")
    content = {"name": "x", "data": {"train": "train.tsv", "dev": "dev.tsv"}, "teacher": {"model": "nobody/reads-it"}}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    recipe = read_recipe(tmp_path / "x.yaml")
    with pytest.raises(UserError, match=r'^dev\.tsv: none of its rows has a label that train\.tsv has, such as "alarm"'):
        lay_ground(recipe, read_tables(recipe, tmp_path / "cache"))


def test_data_that_was_made_into_another_file_keeps_its_name(tmp_path, splits):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed (pip install -e '.[distill]')")
    table = {"sentence": ["wake me", "play it"], "label": ["alarm", "music"]}
    datasets.Dataset.from_dict(table).to_parquet(tmp_path / "ours.parquet")
    found = splits(train="ours.parquet", dev="ours.parquet")
    assert found.train.name == "ours.parquet" and found.train.path.suffix == ".jsonl"
