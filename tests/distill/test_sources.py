from __future__ import annotations

import json

import datasets
import pytest

from pocketbert.distill.sources import prepare
from pocketbert.tasks import Columns, UserError, infer_task, read_examples, read_table

ROWS = {
    "sentence": ["it's \"fine\"", "tab\there", "línea\nnueva 🙂"],
    "label": [1, 0, -1],
    "score": [0.5, 1.0, 2.0],
    "tokens": [["a"], ["b"], []],
}
FEATURES = datasets.Features(
    {
        "sentence": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["negative", "positive"]),
        "score": datasets.Value("float32"),
        "tokens": datasets.List(datasets.Value("string")),
    }
)


@pytest.fixture
def found():
    return datasets.Dataset.from_dict(ROWS, features=FEATURES)


def test_files_that_tasks_reads_are_returned_as_they_are(small_data, tmp_path):
    assert prepare(str(small_data), tmp_path, Columns()) == small_data
    shouted = tmp_path / "TRAIN.TSV"
    shouted.write_bytes(small_data.read_bytes())
    assert prepare(str(shouted), tmp_path, Columns()) == shouted


def test_parquet_keeps_texts_and_names_the_classes(found, tmp_path):
    found.to_parquet(tmp_path / "train.parquet")
    path = prepare(str(tmp_path / "train.parquet"), tmp_path / "out", Columns(label="label"))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["sentence"] for line in lines] == ROWS["sentence"]
    assert [line["label"] for line in lines] == ["positive", "negative", None]
    assert [line["score"] for line in lines] == ROWS["score"] and "tokens" not in lines[0]
    assert path.parent == tmp_path / "out"


def test_a_saved_data_set_becomes_examples_of_one_split(found, tmp_path):
    both = datasets.DatasetDict({"train": found.select(range(2)), "test": found})
    both.save_to_disk(tmp_path / "saved")
    path = prepare(str(tmp_path / "saved"), tmp_path / "out", Columns(), "train")
    task = infer_task(read_table(path), Columns(label="label"), "classification")
    assert task.labels == ("negative", "positive")
    examples = read_examples(path, task, Columns(label="label"))
    assert [(e.texts[0], e.target) for e in examples] == [(ROWS["sentence"][0], 1), (ROWS["sentence"][1], 0)]
    part = prepare(str(tmp_path / "saved"), tmp_path / "out", Columns(), "test[:2]")
    assert len(part.read_text(encoding="utf-8").splitlines()) == 2 and part != path
    rest = prepare(str(tmp_path / "saved"), tmp_path / "out", Columns(), "test[2:]")
    assert rest != part, "one file for both would hand one part out as the other"


@pytest.mark.parametrize("split, said", [(None, "train, test"), ("dev", 'no split "dev"'), ("test[1]", "cannot read the split")])
def test_a_split_must_be_named_right(found, tmp_path, split, said):
    datasets.DatasetDict({"train": found, "test": found}).save_to_disk(tmp_path / "saved")
    with pytest.raises(UserError, match=said):
        prepare(str(tmp_path / "saved"), tmp_path / "out", Columns(), split)


def test_missing_columns_and_files_are_named(found, tmp_path):
    found.to_parquet(tmp_path / "train.parquet")
    with pytest.raises(UserError, match='no column "text"; it has sentence, label'):
        prepare(str(tmp_path / "train.parquet"), tmp_path, Columns(text="text"))
    for name in ("no.csv", "no.parquet"):
        with pytest.raises(UserError, match="no such file"):
            prepare(str(tmp_path / name), tmp_path, Columns())
    (tmp_path / "bad.parquet").write_text("not parquet")
    with pytest.raises(UserError, match="not a Parquet file"):
        prepare(str(tmp_path / "bad.parquet"), tmp_path, Columns())


def test_a_hub_that_cannot_be_reached_is_said(tmp_path):
    # conftest switches the hub off
    with pytest.raises(UserError, match="cannot be loaded as a data set"):
        prepare("nobody/no-such-data", tmp_path, Columns())


def test_a_hub_data_set_that_was_prepared_is_not_fetched_again(tmp_path):
    # 8 digits of sha256 of "nobody/no-such-data train", by sha256sum
    (tmp_path / "nobody-no-such-data-train-098f14f5.jsonl").write_text("{}\n")
    assert prepare("nobody/no-such-data", tmp_path, Columns(), "train").read_text() == "{}\n"
