"""The doctor: each mistake made on purpose is found before anything trains, and named with what to do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from safetensors.torch import load_file, save_file

from pocketbert import doctor
from pocketbert.checks import name_of
from pocketbert.checks import recipe as recipe_checks
from pocketbert.doctor import findings_of, reasons, run_doctor
from pocketbert.recipe import read_recipe
from pocketbert.stages.data import read_splits, read_tables, task_of_train
from pocketbert.tasks import UNKNOWN, UserError
from pocketbert.tasks.worth import Finding

LABELS = ("alarm", "music", "weather", "call", "lights")  # the small teacher's, in its order
WORDS = {"alarm": "wake me at", "music": "play", "weather": "will it rain on", "call": "ring", "lights": "dim the lamp in"}
THINGS = ("six", "seven thirty", "café jazz", "monday", "my mother", "the kitchen", "room 12")
ENDS = ("", " please", " now", " thanks!", ", quickly", " today", " again", " for me", " then")


def rows(part: int, of: int = 3) -> list[tuple[str, str]]:
    """(text, label), 5 x 7 x 9 = 315 in `of` parts that share no text."""
    every = [(f"{words} {thing}{end}", label) for end in ENDS for thing in THINGS for label, words in WORDS.items()]
    return every[part::of]


def write(path: Path, data: Iterable[tuple], header: str = "text\tlabel") -> Path:
    path.write_text(header + "\n" + "".join("\t".join(map(str, row)) + "\n" for row in data), encoding="utf-8")
    return path


class Case:
    """A recipe with its files in a folder; sound as it is, so that what a test changes is all that the doctor finds."""

    def __init__(self, folder: Path, teacher: Path, **content) -> None:
        self.folder = folder
        self.train, self.dev = write(folder / "train.tsv", rows(0) + rows(1)), write(folder / "dev.tsv", rows(2) * 2)
        self.content = {
            "name": "x",
            "data": {"train": str(self.train), "dev": str(self.dev)},
            "max_length": 48,
            "teacher": {"model": str(teacher), "fine_tune": False},
            "student": {"layers": 1},
        } | content

    def fine_tuned(self, model: Path | None = None) -> Case:
        """The teacher learns the data's own labels."""
        self.content["teacher"] = {"model": str(model or self.content["teacher"]["model"])}
        return self

    def file(self) -> Path:
        path = self.folder / "x.yaml"
        path.write_text(yaml.safe_dump(self.content), encoding="utf-8")
        return path

    def read(self):
        recipe = read_recipe(self.file())
        return recipe, read_tables(recipe, self.folder / "cache")

    def found(self) -> dict[str, Finding]:
        """Name of a check -> what it found; the worst where it found several things."""
        order = ("ok", "warning", "failed")
        findings = sorted(findings_of(*self.read(), self.folder / "run"), key=lambda finding: order.index(finding.level))
        return {finding.name: finding for finding in findings}

    def trouble(self) -> dict[str, Finding]:
        return {name: finding for name, finding in self.found().items() if finding.level != "ok"}


@pytest.fixture
def case(tmp_path, small_folder) -> Case:
    return Case(tmp_path, small_folder)


def only(found: dict[str, Finding], name: str, level: str, ailing: bool = False) -> Finding:
    """The one thing that is wrong. `ailing`: it may also show in the answers of a teacher that is taken as it is."""
    if ailing:
        found = {key: finding for key, finding in found.items() if key != "outputs of the teacher"}
    assert {key: finding.level for key, finding in found.items()} == {name: level}, found
    assert found[name].fix
    return found[name]


def test_a_sound_recipe_has_nothing_wrong(case):
    found = case.found()
    assert {finding.level for finding in found.values()} == {"ok"}, case.trouble()
    assert set(found) == set(reasons()) and all(reasons().values())
    # 210 rows of dev: 2 sqrt(0.1 / 210)
    assert found["size of dev"].detail == "on 210 rows a difference below 4.4 points of accuracy is noise"


def test_findings_of_a_recipe_are_the_same_each_time(case):
    # what the report is made of: were they not, each build would make it anew
    recipe, tables = case.read()
    assert findings_of(recipe, tables, case.folder) == findings_of(recipe, tables, case.folder)


# ---- the recipe


@pytest.mark.parametrize(
    ("change", "name", "level", "says", "fix"),
    [
        ({"export": {"quantization": "int4"}}, "quantization", "failed", '"int4" is unknown; use one of fp32, int8', "int8"),
        ({"bench": {"min_seconds": 120}}, "bench limits", "failed", "120, and a file is measured for at most 60 s", "60"),
        ({"export": {"static_length": 32}}, "static length", "warning", "cut texts at 32 tokens", "max_length: 32"),
        ({"export": {"static_length": 64}}, "lengths", "failed", "static_length is 64, .* ends at 48", "static_length: 48"),
        ({"max_length": 64}, "lengths", "failed", "max_length is 64, .* ends at 48 tokens", "max_length: 48"),
        ({"student": {"teacher_layers": [0, 99]}}, "student layers", "failed", r"\[0, 99\], .* layers 0 to 1", "layers: [0, 1]"),
        ({"student": {"teacher_layers": [1, 1]}}, "student layers", "failed", r"\[1, 1\], and each .* once", "layers: [1]"),
        ({"student": {"feed_forward": 999}}, "student layers", "failed", "is 999, .* have 128 neurons", "feed_forward: 128"),
        ({"student": {"layers": 7}}, "student layers", "failed", "is 7, and the teacher has 2", "student.layers: 2"),
        (
            {"student": {"shape": {"layers": 1, "hidden": 50, "heads": 4, "intermediate": 64}}},
            "student layers",
            "failed",
            "width of 50 is not a multiple of 4",
            "student.shape.hidden: 52",
        ),
        ({"prediction": {"losses": {"hiden": {}}}}, "method and losses", "failed", "unknown loss .*did you mean", "losses: {}"),
        ({"prediction": {"losses": {"hidden": {"x": 1}}}}, "method and losses", "failed", 'unknown option "x"', "losses"),
        ({"export": {"mediapipe": True, "formats": ["onnx"]}}, "mediapipe", "warning", "only a .tflite", "tflite"),
    ],
)
def test_what_a_recipe_says_that_a_later_stage_would_refuse(case, change, name, level, says, fix):
    case.content |= change
    trouble = case.trouble()
    if name == "lengths":  # 64 tokens are also another length than that of training
        trouble.pop("static length", None)
    found = only(trouble, name, level)
    assert re.search(says, found.detail) and fix in found.fix


def test_attention_heads_that_do_not_match(case):
    shape = {"layers": 1, "hidden": 64, "heads": 2, "intermediate": 64}
    case.content |= {"student": {"shape": shape}}
    trouble = case.trouble()
    assert trouble["student layers"].level == "warning" and "random weights" in trouble["student layers"].detail
    assert trouble["losses fit"].level == "failed" and "the student has 2 heads, the teacher 4" in trouble["losses fit"].detail
    case.content |= {"method": "logits"}
    assert "losses fit" not in case.trouble()


def test_mediapipe_takes_no_values_and_no_pairs(tmp_path, small_folder):
    case = Case(tmp_path, small_folder, task="regression", export={"mediapipe": True})
    case.fine_tuned()
    for path, data in ((case.train, rows(0) + rows(1)), (case.dev, rows(2) * 2)):
        write(path, [(text, len(text)) for text, _ in data], "text\tscore")
    assert "no text regression" in only(case.trouble(), "mediapipe", "failed").detail
    case = Case(tmp_path, small_folder, export={"mediapipe": True})
    for path, data in ((case.train, rows(0) + rows(1)), (case.dev, rows(2) * 2)):
        write(path, [(text, f"and {text}", label) for text, label in data], "text_a\ttext_b\tlabel")
    assert "the task has pairs" in only(case.trouble(), "mediapipe", "failed", ailing=True).detail


def test_a_package_that_is_missing(case, monkeypatch):
    there = recipe_checks.importlib.util.find_spec
    monkeypatch.setattr(recipe_checks.importlib.util, "find_spec", lambda name: None if name == "executorch" else there(name))
    assert "this recipe needs executorch" in only(case.trouble(), "packages", "failed").detail
    # nothing that would need the package is looked at
    assert set(case.found()) == {name_of(check) for check in recipe_checks.CHECKS}
    case.content |= {"export": {"formats": ["onnx"]}}
    assert case.trouble() == {}


def test_a_disk_that_is_too_small(case, small_folder, monkeypatch):
    weights = (small_folder / "model.safetensors").stat().st_size
    needed = weights * (10 + 2 * 6)  # six files: three formats, student and teacher

    def free(count):
        usage = shutil.disk_usage("/")._replace(free=count)
        monkeypatch.setattr(recipe_checks.shutil, "disk_usage", lambda place: usage)
        return case.trouble()

    assert free(needed) == {}
    assert only(free(needed - 1), "free disk", "warning").fix.endswith("--runs FOLDER")
    assert only(free(needed // 2 - 1), "free disk", "failed")


# ---- the data


def test_a_dev_set_of_five_rows(case):
    write(case.dev, rows(2)[:5])
    found = only(case.trouble(), "size of dev", "warning")
    # 2 sqrt(0.1 / 5)
    assert "on 5 rows a difference below 28.3 points of accuracy is noise" in found.detail and "160 rows" in found.fix


def test_400_labels_with_two_rows_each(case):
    data = [(f"say word{i} {end}", f"label{i}") for i in range(400) for end in ("now", "later", "soon")]
    write(case.train, [row for i, row in enumerate(data) if i % 3 < 2])
    write(case.dev, data[2::3])
    found = case.fine_tuned().trouble()
    found.pop("words known", None)
    few = only(found, "rows per label", "warning")
    assert few.detail.startswith('400 of 400 labels have fewer than 8 rows in train: "label0" (2), "label1" (2)')
    assert few.detail.endswith("and 395 more") and "augment.recombine: 5" in few.fix


def test_one_label_with_99_percent_of_the_rows(case):
    data = [(f"{text} {i}", "alarm" if i < 33 else label) for i in range(34) for text, label in rows(0)[:30]]
    write(case.train, data)
    found = case.trouble()
    assert {name: finding.level for name, finding in found.items()} == {"balance": "warning", "rows per label": "warning"}
    # 33 of 34 rounds are all "alarm", and a fifth of the last: 996 of 1,020
    assert '97.6% of the rows of train have the label "alarm"' in found["balance"].detail and "macro_f1" in found["balance"].fix


def test_labels_that_dev_or_train_lacks(case):
    kept = [(text, label) for text, label in rows(2) * 2 if label != "music"]
    write(case.dev, [*kept, ("open the door", "door"), ("open the window", "window"), ("close the door", "door")])
    recipe, tables = case.read()
    findings = [f for f in findings_of(recipe, tables, case.folder) if f.name == "labels of dev and test"]
    assert [finding.level for finding in findings] == ["warning", "warning"]
    unknown = '3 of 171 rows of dev.tsv have a label that train.tsv lacks: "door" (2), "window" (1); first in row 169'
    assert findings[0].detail == f"{unknown}. They count as wrong"
    assert 'no row of 1 of 5 labels: "music"' in findings[1].detail
    splits = read_splits(tables, task_of_train(recipe, tables))
    assert [example.target for example in splits.dev.examples[-3:]] == [UNKNOWN] * 3


def test_a_test_set_with_unknown_labels_and_unlabelled_texts_are_read(case):
    case.content["data"] |= {
        "test": str(write(case.folder / "test.tsv", [*[(f"{text} soon", label) for text, label in rows(2)], ("hm", "other")])),
        "unlabelled": str(write(case.folder / "more.tsv", [("label this", "whatever"), (rows(2)[0][0], "")])),
    }
    found = case.trouble()
    assert '1 of 106 rows of test.tsv have a label that train.tsv lacks: "other" (1)' in found["labels of dev and test"].detail
    assert "1 texts of data.unlabelled are also in dev or test" in found["overlap"].detail
    recipe, tables = case.read()
    splits = read_splits(tables, task_of_train(recipe, tables))
    assert splits.test.examples[-1].target == UNKNOWN
    assert [(example.texts[0], example.target) for example in splits.unlabelled] == [("label this", None), (rows(2)[0][0], None)]


def test_a_dev_set_with_no_label_of_train_is_failed(case):
    write(case.dev, [(text, f"intent_{label}") for text, label in rows(2) * 2])
    found = case.trouble()["labels of dev and test"]
    assert found.level == "failed" and "210 of 210 rows" in found.detail and '"alarm", "music"' in found.fix


def test_numbers_where_train_has_names_are_pointed_out(case):
    write(case.dev, [(text, LABELS.index(label)) for text, label in rows(2) * 2])
    found = only(case.trouble(), "labels of dev and test", "warning")
    assert 'numbers where train.tsv has names' in found.detail and '0 for "alarm", 1 for "music"' in found.detail


def test_a_text_twice_with_two_labels(case):
    write(case.train, [*rows(0), *rows(1), ("Wake  me at six", "music")])  # row 1, but for case and a space
    found = only(case.trouble(), "label noise", "warning")
    assert found.detail.startswith("1 texts with two labels, in 2 of 421 rows")
    assert '"wake me at six" has the label "alarm" in row 1 of train.tsv and the label "music" in row 211' in found.detail


def test_values_of_one_text_that_are_far_apart(tmp_path, small_folder):
    case = Case(tmp_path, small_folder, task="regression").fine_tuned()
    data = [(text, i % 5) for i, (text, _) in enumerate(rows(0))]
    write(case.train, [*data, (data[0][0], 1)], "text\tscore")  # 0 and 1 of a range of 4: a matter of taste
    write(case.dev, [(text, i % 5) for i, (text, _) in enumerate(rows(2) * 2)], "text\tscore")
    assert "label noise" not in [name for name in case.trouble() if "train" in case.trouble()[name].detail.split("and")[0]]
    write(case.train, [*data, (data[0][0], 3)], "text\tscore")
    assert 'the value 0 in row 1 of train.tsv and the value 3 in row 106' in case.trouble()["label noise"].detail


def test_train_and_dev_the_same_file(case):
    case.content["data"]["dev"] = str(case.train)
    found = only(case.trouble(), "overlap", "failed")
    assert found.detail == "data.dev and data.train are the same rows" and "data.dev: " in found.fix
    with pytest.raises(UserError, match="before anything is trained:\noverlap: data.dev and data.train are the same rows"):
        run_doctor(*case.read(), case.folder / "run", lambda line: None)


def test_dev_out_of_train_and_a_part_of_it(case):
    write(case.dev, rows(0) * 2)  # all of it, and in another order of rows than train
    assert "all 210 of 210 rows of dev.tsv are also in train.tsv" in only(case.trouble(), "overlap", "failed").detail
    write(case.dev, [*rows(2)[:100], *rows(2)[:100], *rows(0)[:10]])
    assert "10 of 210 rows of dev.tsv are also in train.tsv (4.8%)" in only(case.trouble(), "overlap", "warning").detail
    write(case.dev, [*rows(2)[:104], *rows(2)[:104], *rows(0)[:2]])  # 1 %: such things happen
    assert case.trouble() == {}


def test_dev_and_test_the_same_rows_is_a_warning(case):
    case.content["data"]["test"] = str(case.dev)
    assert "not independent" in only(case.trouble(), "overlap", "warning").detail


def test_rows_that_train_has_several_times(case):
    write(case.train, [*rows(0), *rows(1), *rows(1)[:30]])
    assert "30 of 240 rows of train repeat an earlier one (12.5%)" in only(case.trouble(), "duplicates", "warning").detail


def test_texts_that_are_empty(case):
    write(case.dev, [*rows(2) * 2, (" ", "alarm"), ("", "music")])
    assert "2 rows of dev.tsv have no text: 211, 212" in only(case.trouble(), "empty texts", "warning").detail
    write(case.dev, [("", label) for _, label in rows(2) * 2])
    assert case.trouble()["empty texts"].level == "failed"


def test_texts_all_longer_than_the_model(case):
    for path, part in ((case.train, (0, 1)), (case.dev, (2, 2))):
        write(path, [(" ".join([text] * 30), label) for i in part for text, label in rows(i)])
    found = only(case.trouble(), "truncation", "warning", ailing=True)
    assert found.detail.startswith("every text has more than 48 tokens and is cut; the median has ")
    assert "the model sees the first tokens alone" in found.fix  # its positions end at 48: a greater max_length is no way out
    case.content |= {"max_length": "auto"}
    assert "more than 48 tokens" in case.trouble()["truncation"].detail
    case.content |= {"max_length": 8}
    assert "max_length: 48, which cuts 100.0%" in case.trouble()["truncation"].fix


def test_texts_in_another_script_than_the_models(case):
    for path, part in ((case.train, (0, 1)), (case.dev, (2, 2))):
        write(path, [(f"Ωραίος καιρός {i} {text}", label) for i, (text, label) in enumerate(rows(part[0]) + rows(part[1]))])
    assert "unknown to the teacher's tokenizer" in case.trouble()["words known"].detail


def test_data_that_cannot_be_read_is_a_finding_like_others(case):
    write(case.train, [("wake me", "alarm"), ("play", "")])
    found = case.trouble()["data and model can be read"]
    assert found.level == "failed" and 'row 2 (line 3), column "label": empty' in found.detail


# ---- the models


def edited(folder: Path, out: Path, **config) -> Path:
    """A copy of a model folder with other entries in config.json."""
    shutil.copytree(folder, out)
    path = out / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    return out


def taken(case: Case, teacher: Path) -> dict[str, Finding]:
    case.content["teacher"] = {"model": str(teacher), "fine_tune": False}
    return case.trouble()


def test_a_teacher_fine_tuned_on_other_labels(case, small_folder):
    write(case.train, [(text, label.replace("alarm", "timer")) for text, label in rows(0) + rows(1)])
    write(case.dev, [(text, label.replace("alarm", "timer")) for text, label in rows(2) * 2])
    found = taken(case, small_folder)
    assert found["labels of the teacher"].level == "failed"
    assert "the data has labels that the teacher lacks: timer" in found["labels of the teacher"].detail
    assert "teacher.fine_tune: true" in found["labels of the teacher"].fix
    assert case.fine_tuned().trouble() == {}
    assert "it was fine-tuned on other labels" in case.found()["labels of the teacher"].detail


def test_the_outputs_of_a_teacher_with_other_labels_are_not_held_against_the_data(case, small_folder):
    for known in (LABELS, LABELS[3:]):  # as many as the teacher has, whose columns could be mistaken; fewer than its columns
        kept = [[(text, label.replace("call", "phone")) for text, label in rows(part) if label in known] for part in range(3)]
        write(case.train, kept[0] + kept[1])
        write(case.dev, kept[2] * 5)  # 2 labels are still enough rows
        found = only(taken(case, small_folder), "labels of the teacher", "failed")
        assert "the data has labels that the teacher lacks: phone; it knows alarm, music" in found.detail


def test_a_teacher_to_fine_tune_whose_head_has_another_order(case):
    found = only(case.fine_tuned().trouble(), "labels of the teacher", "warning")  # the data's are sorted
    assert "the same labels in another order (alarm, music, weather, call, lights)" in found.detail


def test_labels_in_another_order_than_config_json_says(case, small_folder, tmp_path):
    turned = LABELS[1:] + LABELS[:1]
    names = dict(enumerate(turned))
    folder = edited(small_folder, tmp_path / "m", id2label=names, label2id={v: k for k, v in names.items()}, pocketbert={})
    found = only(taken(case, folder), "outputs of the teacher", "failed")
    assert '"music" in the data is its "weather"' in found.detail and str(folder / "config.json") in found.fix


def test_a_teacher_without_a_trained_head(case, small_folder, tmp_path):
    folder = edited(small_folder, tmp_path / "m")
    weights = {name: tensor for name, tensor in load_file(folder / "model.safetensors").items() if "classifier" not in name}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert "no trained head: classifier.bias" in only(taken(case, folder), "outputs of the teacher", "failed").detail


def test_a_teacher_that_gives_nan(case, small_folder, tmp_path):
    folder = edited(small_folder, tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][2] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    found = only(taken(case, folder), "outputs of the teacher", "failed")
    assert "NaN or infinity for" in found.detail and "first in row 1" in found.detail


def test_a_finished_teacher_that_knows_less_than_its_words_say(case, small_folder, tmp_path):
    folder = edited(small_folder, tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"].zero_()  # always the same label, of the five that the words tell apart
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    found = only(taken(case, folder), "outputs of the teacher", "warning")
    assert "accuracy 0.2" in found.detail and "a bag of words has 1.000" in found.detail
    assert "teacher.fine_tune: true" in found.fix


def test_layers_of_a_model_with_another_vocabulary(case, small_folder, tmp_path):
    from transformers import AutoTokenizer

    folder = edited(small_folder, tmp_path / "m")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["otherword"])
    tokenizer.save_pretrained(folder)
    case.content["student"] = {"layers": 1, "layers_from": str(folder)}
    assert "another vocabulary than the teacher" in only(case.trouble(), "vocabulary", "failed").detail


def test_pairs_for_a_model_without_token_types(tmp_path, small_folder):
    weights = load_file(small_folder / "model.safetensors")
    folder = edited(small_folder, tmp_path / "m", type_vocab_size=1, pocketbert={})
    name = "bert.embeddings.token_type_embeddings.weight"
    save_file(weights | {name: weights[name][:1].clone()}, folder / "model.safetensors", {"format": "pt"})
    case = Case(tmp_path, folder)
    for path, data in ((case.train, rows(0) + rows(1)), (case.dev, rows(2) * 2)):
        write(path, [(text, "and then", label) for text, label in data], "text_a\ttext_b\tlabel")
    # this tokenizer gives the second text the type 1, and the table has no such row: it is not asked for
    assert "a bert has no token types" in only(case.trouble(), "token types", "warning", ailing=True).detail


def test_a_model_that_cannot_be_exported(case, small_folder, tmp_path):
    folder = edited(small_folder, tmp_path / "m", is_decoder=True)
    case.content["teacher"]["model"] = str(folder)
    assert '"is_decoder" is true' in only(case.trouble(), "student can be exported", "failed", ailing=True).detail


def test_a_model_that_is_not_there(case):
    case.content["teacher"] = {"model": "nobody/no-such-model"}
    assert "nobody/no-such-model: cannot be loaded" in only(case.trouble(), "data and model can be read", "failed").detail


# ---- the command, and the build


def command(*arguments) -> subprocess.CompletedProcess:
    done = subprocess.run([sys.executable, "-m", "pocketbert", *map(str, arguments)], capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_the_command_shows_a_table_and_exits_with_1_where_something_failed(case):
    write(case.train, [*rows(0), *rows(1), ("wake me at six", "music")])
    done = command("doctor", case.file(), "--runs", case.folder / "runs")
    assert done.returncode == 0 and f"{len(reasons())} checks, 1 warning, none failed" in done.stdout
    words = " ".join(done.stdout.split())
    assert "The same text with two labels cannot be learnt" in words and "try decide on one label" in words
    case.content |= {"export": {"quantization": "int4"}}
    found = command("doctor", case.file(), "--runs", case.folder / "runs", "--json")
    assert found.returncode == 1
    levels = {entry["name"]: entry["level"] for entry in json.loads(found.stdout)}
    assert levels["quantization"] == "failed" and levels["label noise"] == "warning" and levels["overlap"] == "ok"


def test_the_command_goes_on_to_the_recipe_where_the_data_is_missing(case):
    case.content |= {"export": {"quantization": "int4"}}
    case.dev.unlink()
    done = command("doctor", case.file(), "--runs", case.folder / "runs", "--json")
    failed = {entry["name"] for entry in json.loads(done.stdout) if entry["level"] == "failed"}
    assert done.returncode == 1 and failed == {"quantization", "data and model can be read"}


def test_a_build_goes_on_with_warnings_and_says_them(case):
    said = []
    write(case.dev, rows(2)[:5])
    findings = run_doctor(*case.read(), case.folder / "run", said.append)
    assert [finding.level for finding in findings].count("warning") == 1
    assert len(said) == 2 and "size of dev" in said[0] and "To try: data.dev: 160 rows" in said[0] and "1 warning" in said[1]


def test_every_check_has_a_name_and_a_reason():
    assert len(reasons()) >= 25
    for name, reason in reasons().items():
        assert name == name.lower() and reason.endswith("."), (name, reason)
    assert doctor.summary_of([]) == "0 checks, no warnings, none failed"


def test_the_command_has_help_with_an_example():
    assert "pocketbert doctor" in command("doctor", "--help").stdout.partition("Example:")[2]
