"""What goes wrong at a user's: each a message that says what, where and what to do."""

from __future__ import annotations

import json
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pocketbert.distill.disk import folder_fingerprint, new_folder
from pocketbert.distill.finetune import finetune
from pocketbert.distill.intermediate import intermediate
from pocketbert.distill.options import IntermediateOptions, PredictionOptions, TrainOptions
from pocketbert.distill.prediction import prediction
from pocketbert.distill.scoring import evaluate
from pocketbert.distill.search import Diverged
from pocketbert.distill.student import NewShape, write_student
from pocketbert.distill.teach import examine, take, teach
from pocketbert.distill.texts import encode
from pocketbert.tasks import Classification, Example, Regression, UserError, read_examples
from pocketbert.tasks.files import write_file, writing

TASK = Classification(("alarm", "music", "weather", "call", "lights"))
QUICK = TrainOptions(
    learning_rate=1e-3,
    epochs=1,
    batch_size=16,
    schedule="linear",
    warmup=0.1,
    patience=0,
    freeze_embeddings=False,
    keep="best",
    precision="fp32",
    seed=0,
)


@pytest.fixture(scope="module")
def examples(small_data):
    return read_examples(small_data, TASK)[:48]


def copied(small_folder: Path, tmp_path: Path, **config: object) -> Path:
    """A copy of the teacher with other entries in config.json."""
    folder = Path(shutil.copytree(small_folder, tmp_path / "model"))
    found = json.loads((folder / "config.json").read_text()) | config
    (folder / "config.json").write_text(json.dumps(found))
    return folder


def test_empty_data(small_folder, examples, tmp_path):
    with pytest.raises(UserError, match="training data is empty"):
        finetune(small_folder, [], examples, tmp_path / "o", QUICK, tmp_path / "c")
    with pytest.raises(UserError, match="data is empty"):
        evaluate(small_folder, [])
    with pytest.raises(UserError, match="training data is empty"):
        intermediate(small_folder, small_folder, [], tmp_path / "o", IntermediateOptions(), tmp_path / "c")


def test_one_class_only(small_folder, examples, tmp_path):
    alarms = [Example(e.texts, 0, e.row) for e in examples]
    with pytest.raises(UserError, match='every row of the training data has the label "alarm"'):
        finetune(small_folder, alarms, [], tmp_path / "o", QUICK, tmp_path / "c")


def test_rows_without_a_label_or_with_two_texts(small_folder, examples, tmp_path):
    with pytest.raises(UserError, match="dev data, row 7: no label"):
        finetune(small_folder, examples, [Example(("x",), None, 7)], tmp_path / "o", QUICK, tmp_path / "c")
    with pytest.raises(UserError, match="training data, row 9: 2 texts"):
        finetune(small_folder, [Example(("x", "y"), 0, 9)], [], tmp_path / "o", QUICK, tmp_path / "c")


def test_labels_that_the_teacher_lacks(small_folder, tmp_path):
    with pytest.raises(UserError, match="labels that the teacher lacks: timer; it knows alarm"):
        take(str(small_folder), Classification(("alarm", "timer")), tmp_path / "o")
    with pytest.raises(UserError, match="a model for classification, and the data is for regression"):
        take(str(small_folder), Regression(), tmp_path / "o")


def test_nameless_labels_are_known_by_number_and_never_guessed_from_names(small_folder, tmp_path):
    names = {str(i): f"LABEL_{i}" for i in range(5)}
    folder = copied(small_folder, tmp_path, id2label=names, label2id={v: int(k) for k, v in names.items()}, pocketbert={})
    with pytest.raises(UserError, match="labels have no names: give numeric labels in the data, or set id2label"):
        take(str(folder), Classification(tuple(sorted(TASK.labels))), tmp_path / "o")
    taken = take(str(folder), Classification(("0", "1", "4"), pair=True), tmp_path / "o")  # not every label occurs in the data
    assert taken == Classification(tuple(names.values()), pair=True) and taken.target("4", "") == 4
    with pytest.raises(UserError, match="labels that the teacher lacks: 5; it knows LABEL_0"):
        take(str(folder), Classification(("1", "5")), tmp_path / "o")


def test_a_fingerprint_sees_every_file_that_decides(tmp_path):
    names = ("config.json", "model-00001-of-00002.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "vocab.txt")
    for name in names:
        write_file(tmp_path / "m" / name, b"one")
    seen = {folder_fingerprint(tmp_path / "m")}
    for name in names:
        write_file(tmp_path / "m" / name, b"two")
        seen.add(folder_fingerprint(tmp_path / "m"))
    assert len(seen) == 1 + len(names)
    write_file(tmp_path / "m" / "README.md", b"words")
    assert folder_fingerprint(tmp_path / "m") in seen
    assert folder_fingerprint(Path("nobody/no-such-folder")) not in seen


def test_a_bare_encoder_is_no_teacher(small_folder, tmp_path):
    AutoModelForSequenceClassification.from_pretrained(small_folder).base_model.save_pretrained(tmp_path / "e")
    AutoTokenizer.from_pretrained(small_folder).save_pretrained(tmp_path / "e")
    with pytest.raises(UserError, match="not a fine-tuned classifier, its weights classifier"):
        take(str(tmp_path / "e"), None, tmp_path / "o")


def test_a_teacher_with_nan_is_refused_by_row_before_anything_is_distilled(small_folder, examples, tmp_path):
    folder = copied(small_folder, tmp_path)
    weights = load_file(folder / "model.safetensors")
    broken = examples[5].texts[0]
    ids = AutoTokenizer.from_pretrained(folder)(broken)["input_ids"]
    others = {i for e in examples[:5] for i in AutoTokenizer.from_pretrained(folder)(*e.texts)["input_ids"]}
    token = next(i for i in ids if i not in others)
    weights["bert.embeddings.word_embeddings.weight"][token] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    for call in (
        lambda: examine(folder, examples),
        lambda: evaluate(folder, examples),
        lambda: prediction(folder, small_folder, examples, [], tmp_path / "o", PredictionOptions(training=QUICK), tmp_path / "c"),
    ):
        with pytest.raises(UserError, match=f"not a finite number for .* first in row {examples[5].row} "):
            call()
    assert not (tmp_path / "o").exists()


def test_a_loss_that_overflows_stops_the_run(small_folder, examples, tmp_path):
    wild = replace(QUICK, epochs=20, learning_rate=1e30, schedule="constant", warmup=0.0, keep="last")
    with pytest.raises(Diverged, match="the loss is nan at step .*lower learning_rate"):
        finetune(small_folder, examples, [], tmp_path / "o", wild, tmp_path / "c")


def test_a_vocabulary_that_does_not_fit_the_embedding(small_folder, examples, tmp_path):
    rows = len(AutoTokenizer.from_pretrained(small_folder))
    folder = copied(small_folder, tmp_path, vocab_size=rows - 1)
    with pytest.raises(UserError, match=f"ids up to {rows - 1}, and the model's embedding has {rows - 1} rows"):
        examine(folder, examples)


def test_a_student_with_another_vocabulary_is_refused(small_folder, minilm_folder, examples, tmp_path):
    write_student(minilm_folder, NewShape(1, 32, 4, 48), TASK, 48, 0, tmp_path / "s")
    with pytest.raises(UserError, match="different vocabularies"):
        options = IntermediateOptions(training=replace(QUICK, keep="last"))
        intermediate(small_folder, tmp_path / "s", examples, tmp_path / "o", options, tmp_path / "c")


def test_a_length_past_the_position_table(small_folder, examples, tmp_path):
    with pytest.raises(UserError, match="max_length 64: the position table .* ends at 48"):
        teach(str(small_folder), TASK, examples, [], tmp_path / "o", QUICK, tmp_path / "c", max_length=64)
    with pytest.raises(UserError, match="leaves no room"):
        take(str(small_folder), None, tmp_path / "o", max_length=2)


def test_odd_texts_pass_and_half_a_surrogate_pair_is_named(small_folder):
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    odd = [Example((text,), 0, i + 1) for i, text in enumerate(("", "🙂", "a\x00b", "x " * 500))]
    assert [len(row["input_ids"]) for row in encode(tokenizer, odd, 16).rows][::3] == [2, 16]
    with pytest.raises(UserError, match="row 12: the text is not valid Unicode"):
        encode(tokenizer, [*odd, Example(("\ud83d",), 0, 12)], 16)


def test_a_teacher_no_better_than_guessing_is_said(small_folder, examples, tmp_path):
    shuffled = [Example(e.texts, (e.target + 1) % 5, e.row) for e in examples]  # labels in another order
    (said,) = examine(small_folder, shuffled)["warnings"]
    assert "no better than always saying the commonest label" in said
    assert "not scored" in examine(small_folder, [])["warnings"][0]


@pytest.mark.parametrize("source", ["nobody/no-such-model", "/no/such/folder"])
def test_a_model_that_is_not_there(source, tmp_path):
    with pytest.raises(UserError, match="cannot be loaded .*Give a model folder or a Hugging Face id"):
        take(source, None, tmp_path / "o")


def test_options_out_of_range_are_refused():
    for wrong in ({"epochs": 0}, {"learning_rate": float("nan")}, {"warmup": 1.0}, {"keep": "none"}, {"schedule": "cosine"}):
        with pytest.raises(UserError):
            TrainOptions(**wrong)
    for seed in (-1, 2**32):
        with pytest.raises(UserError, match=rf"seed: .*found {seed}"):
            TrainOptions(seed=seed)
    TrainOptions(seed=2**32 - 1)


@pytest.mark.parametrize("given", [{"keep": "best"}, {"patience": 3}])
def test_what_needs_dev_scores_is_refused_where_dev_does_not_score(given):
    with pytest.raises(ValueError, match="dev does not score inner states"):
        IntermediateOptions(training=TrainOptions(**given))


def test_a_full_disk_is_said_and_nothing_half_is_left(small_folder, tmp_path):
    with pytest.raises(UserError, match="no space left on the disk"), writing(tmp_path), open("/dev/full", "w") as full:
        full.write("x" * 100_000)
    # A real limit on the size of files: Python ignores its signal, and writing fails as it does on a full disk.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(UserError, match="make room and run the same command again"):
            take(str(small_folder), None, tmp_path / "o")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "o").exists()


def test_a_folder_that_could_not_be_filled_leaves_the_old_one(tmp_path):
    write_file(tmp_path / "o" / "config.json", b'{"pocketbert": {}}')
    with pytest.raises(RuntimeError), new_folder(tmp_path / "o") as folder:
        (folder / "a").write_bytes(b"new")
        raise RuntimeError
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["config.json"]
    with new_folder(tmp_path / "o") as folder:
        (folder / "b").write_bytes(b"new")
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["b"]
    assert [path.name for path in tmp_path.iterdir()] == ["o"]


@pytest.mark.parametrize("config", [None, b"{}", b'["pocketbert"', b"7"])
def test_a_folder_that_is_not_ours_is_not_replaced(tmp_path, config):
    write_file(tmp_path / "o" / "thesis.txt", b"years of work")
    if config is not None:
        write_file(tmp_path / "o" / "config.json", config)
    with pytest.raises(UserError, match="not a model of pocketbert's.*name a new folder"), new_folder(tmp_path / "o"):
        pass
    assert (tmp_path / "o" / "thesis.txt").read_bytes() == b"years of work"
    with pytest.raises(UserError, match="is a file"), new_folder(tmp_path / "o" / "thesis.txt"):
        pass
    (tmp_path / "empty").mkdir()
    with new_folder(tmp_path / "empty") as folder:
        (folder / "b").write_bytes(b"new")
    assert (tmp_path / "empty" / "b").is_file()


def test_the_old_folder_is_gone_only_when_the_new_one_stands(tmp_path, monkeypatch):
    write_file(tmp_path / "o" / "config.json", b'{"pocketbert": {}}')
    rename = Path.rename

    def killed(path: Path, target: Path) -> None:
        if path.name == ".o.writing":
            raise KeyboardInterrupt
        rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "o"):
        pass
    assert (tmp_path / ".o.old" / "config.json").is_file()


def test_a_folder_named_by_a_dot_is_written(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with new_folder(Path(".")) as folder:
        (folder / "b").write_bytes(b"new")
    assert (tmp_path / "here" / "b").is_file()


def test_one_gpu_or_cpu_is_chosen_without_touching_the_global_threads():
    before = torch.get_num_threads()
    from pocketbert.distill.precision import device, use_bf16

    assert use_bf16("bf16", device()) and not use_bf16("fp32", device()) and torch.get_num_threads() == before
