"""Studies: what is wrong is named, cells share what is equal, a killed study goes on, and the table says what was seen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from killing import killed_in

from pocketbert.code_version import code_version
from pocketbert.report.readme import main as readme
from pocketbert.report.study_table import study_table
from pocketbert.study.cells import baseline_folder, teacher_folder
from pocketbert.study.run import _key
from pocketbert.study.study_file import read_study
from pocketbert.tasks import UserError

GOOD = """name: s
base: {teacher: {model: m}, budget: 20}
data:
  one: {train: a.tsv, dev: b.tsv, test: c.tsv, rows: 50, max_length: 32}
  two: {train: a.tsv, dev: b.tsv, task: regression}
variants:
  auto: {}
  tinybert:
    method: tinybert
    intermediate: {training: {epochs: 2}}
  deep: {student: {layers: 5}}
  slow: {teacher: {training: {epochs: 3}}}
grids:
  teacher: {learning_rate: [1e-4, 2e-4], epochs: [3]}
  student: {learning_rate: [1e-4], epochs: [3, 6]}
seeds: [0, 7]
"""


def read(tmp_path: Path, text: str, only: tuple[str, ...] = ()):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return read_study(path, only)


# ------------------------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "formts: []\n", 'line 17: unknown key "formts"; did you mean "formats"'),
        (
            GOOD.replace("train: a.tsv, dev: b.tsv, task", "trian: a.tsv, dev: b.tsv, task"),
            'line 5: unknown key "data.two.trian"; .*"train"',
        ),
        (GOOD.replace("rows: 50", "rows: 0"), 'line 4, key "data.one.rows".*found 0'),
        (GOOD.replace("epochs: [3, 6]", "epoch: [3]"), 'line 15: unknown key "grids.student.epoch"; did you mean "epochs"'),
        (GOOD.replace("epochs: [3, 6]", "epochs: [0]"), 'line 15, key "grids.student.epochs.0"'),
        (GOOD.replace("budget: 20", "buget: 20"), 'line 2: unknown key "base.buget"; did you mean "budget"'),
        (
            GOOD.replace("{epochs: 2}", "{epoch: 2}"),
            'line 10: unknown key "variants.tinybert.intermediate.training.epoch"; .*"epochs"',
        ),
        (GOOD.replace("budget: 20", "budget: no").replace("auto: {}", "auto:"), 'line 2, key "base.budget"'),
        (GOOD.replace("layers: 5", "layers: five"), 'line 11, key "variants.deep.student.layers".*found .five.'),
        (GOOD.replace("method: tinybert", "method: tinbert"), 'variant tinybert: unknown method "tinbert"'),
        (GOOD.replace("teacher: {model: m}, ", ""), 'line 2: the key "base.teacher.model" is missing|"base.teacher" is missing'),
        (
            GOOD.replace("  deep: {", "  deep: {seed: 3, "),
            'line 11, key "variants.deep.seed": a study says this in data and seeds',
        ),
        (GOOD.replace("  auto: {}", "  plain: {}"), 'grids are held against the variant named "auto"'),
        (GOOD.replace("grids:", "grids:\n  data: [one, three]"), "grids.data: there is no data set three; there are one, two"),
        (GOOD.replace("seeds: [0, 7]", "seeds: [7, 7]"), "seeds: one of .* is there twice"),
        (GOOD.replace("[1e-4, 2e-4]", "[1e-4, 0.0001]"), "learning_rate: one of .* is there twice"),
        (GOOD.replace("  deep:", "  De/ep:"), 'key "variants.De/ep"'),
        (GOOD.replace("model: m", "model: m, fine_tune: false"), "grids.teacher trains teachers"),
        (GOOD.replace("seeds:", "name: t\nseeds:"), 'line 16: duplicate key "name", first on line 1'),
        ("- x\n", "is not a study; docs/study.md"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, says):
    with pytest.raises(UserError, match=says):
        read(tmp_path, text)


STUDIES = Path(__file__).resolve().parents[2] / "docs" / "studies"


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_studies_behind_the_evidence_can_be_read(path):
    assert read_study(path)


def test_a_missing_study_is_named(tmp_path):
    with pytest.raises(UserError, match="none.yaml: no such file"):
        read_study(tmp_path / "none.yaml")


def test_one_data_set_of_a_study_has_the_cells_that_it_has_in_the_whole(tmp_path):
    text = GOOD.replace("grids:", "grids:\n  data: [two]")
    _, cells = read(tmp_path, text)
    for name, grid in (("one", 0), ("two", 4)):
        study, alone = read(tmp_path, text, (name,))
        assert list(study.data) == [name] and len(alone) == 2 * (4 + grid)
        assert alone == tuple(cell for cell in cells if cell.data == name)
        assert [_key(cell, alone, (), {}) for cell in alone] == [_key(cell, cells, (), {}) for cell in cells if cell.data == name]
    with pytest.raises(UserError, match=r"study\.yaml: there is no data set three; there are one, two\."):
        read(tmp_path, text, ("one", "three"))


def test_cells_run_seed_by_seed_and_have_whole_recipes(tmp_path):
    _, cells = read(tmp_path, GOOD)
    assert len(cells) == 2 * 2 * (4 + 2 + 2) and [cell.seed for cell in cells] == [0] * 16 + [7] * 16
    one = [cell for cell in cells if (cell.data, cell.seed) == ("one", 7)]
    assert [cell.name for cell in one] == ["auto", "tinybert", "deep", "slow", "0.0001-3", "0.0002-3", "0.0001-3", "0.0001-6"]
    auto, tinybert, *_, grid_teacher, _, grid_student, _ = (cell.recipe for cell in one)
    assert auto.seed == 7 and auto.max_length == 32 and auto.budget == 20 and auto.compares_stages
    assert auto.data.train == str(tmp_path / "a.tsv") and one[0].rows == 50
    assert tinybert.intermediate.training.epochs == 2 and "attention" in tinybert.intermediate.losses
    assert grid_teacher.teacher.training.learning_rate == 1e-4 and grid_teacher.teacher.training.epochs == 3
    assert grid_student.prediction.training.learning_rate == 1e-4 and grid_student.prediction.training.epochs == 3
    assert not grid_student.compares_stages and grid_student.intermediate is None
    assert [cell.kind for cell in cells[:16]] == ["variant"] * 8 + (["teacher"] * 2 + ["student"] * 2) * 2
    two = next(cell for cell in cells if cell.data == "two")
    assert two.recipe.task == "regression" and two.recipe.max_length == "auto" and two.rows is None


def test_grids_may_be_of_some_data_sets_only(tmp_path):
    _, cells = read(tmp_path, GOOD.replace("grids:", "grids:\n  data: [two]"))
    assert {cell.data for cell in cells if cell.kind != "variant"} == {"two"}


def test_what_is_equal_is_shared(tmp_path):
    _, cells = read(tmp_path, GOOD)
    one = {cell.name: cell for cell in cells if (cell.data, cell.seed, cell.kind) == ("one", 0, "variant")}
    top = Path("one", "seed-0")
    for cell in (one["auto"], one["tinybert"]):
        assert teacher_folder(cell, cells) == baseline_folder(cell, cells) == top
    assert teacher_folder(one["deep"], cells) == top and baseline_folder(one["deep"], cells) == top / "variants" / "deep"
    assert teacher_folder(one["slow"], cells) == baseline_folder(one["slow"], cells) == top / "teachers" / "slow"


def test_a_note_counts_for_nothing_once_the_cell_whose_teacher_it_shares_is_another(tmp_path):
    def keys(text: str) -> dict[str, str]:
        cells = [cell for cell in read(tmp_path, text)[1] if cell.data == "one" and cell.seed == 0]
        return {f"{cell.kind} {cell.name}": _key(cell, cells, [], {}) for cell in cells}

    before = keys(GOOD)
    after = keys(GOOD.replace("  auto: {}", "  auto: {student: {layers: 2}}"))
    # "slow" has a teacher of its own and, with it, a baseline of its own
    assert {name for name in before if before[name] == after[name]} == {"variant slow"}
    assert keys(GOOD) == before


# ------------------------------------------------------------------------------------------------------------ the table

# Invented for the test; it measures nothing.
RECORD = {
    "schema": 1,
    "kind": "study",
    "name": "made-up",
    "command": "pocketbert study made-up.yaml",
    "created": "2026-11-25T08:00:00+00:00",
    "machine": {"cpu": "Made-Up CPU 3000", "cores": 2},
    "versions": {"pocketbert": "0.1.0", "rich": "1.0"},
    "rows_seed": 0,
    "planned": 12,
    "study": {"data": {"one": {}, "two": {}}, "seeds": [0, 1, 2], "grids": {}},
}


def cell(data: str, name: str, seed: int, kind: str = "variant", **scores) -> dict:
    """A cell whose models have these scores on test (dev: 0.01 more)."""
    models = {model.replace("_", " ").replace("onnx", ".onnx int8"): value for model, value in scores.items()}
    made = {
        "data": data,
        "seed": seed,
        "kind": kind,
        "name": name,
        "values": {},
        "metric": "accuracy",
        "rows": {"train": 50, "dev": 100, "test": 400, "train_of": 50 if data == "one" else 1200},
        "models": {m: {"metrics": {"dev": {"accuracy": v + 0.01}, "test": {"accuracy": v}}} for m, v in models.items()},
        "seconds": {"teacher": 60, "baseline": 30, "student": 30},
        "worth": True,
    }
    if "student" in scores:
        made["kept"] = {"test": scores["student"] / scores["teacher"]}
    return made


def record() -> dict:
    shared = {"commonest": 0.5, "bag_of_words": 0.7, "teacher": 0.8, "baseline": 0.74}
    cells = []
    for seed, drift in enumerate((-0.01, 0.0, 0.01)):
        cells += [
            cell("one", "auto", seed, **shared, student=0.78 + drift, onnx=0.77),
            cell("one", "near", seed, **shared, student=0.778 + drift, onnx=0.76),
            cell("one", "far", seed, **shared, student=0.73 + drift, onnx=0.75),
            cell("two", "auto", seed, **shared, student=0.60, onnx=0.60),
            cell("two", "near", seed, **shared, student=0.70, onnx=0.70),
            cell("two", "far", seed, **shared, student=0.70, onnx=0.70),
        ]
    cells[0]["worth"] = False
    return RECORD | {"cells": cells, "planned": len(cells)}


def rows_of(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.strip("| ").split(" | ")] for line in table.splitlines() if line.startswith("|")]


def test_the_table_has_means_deviations_and_what_is_within_noise():
    table = study_table(record())
    head, _, *rows = rows_of(table)
    assert head[2:9] == ["commonest label", "bag of words", "teacher", "baseline", "student", ".onnx int8", "kept"]
    # of 0.77, 0.78, 0.79 the sample's deviation is 0.01, the mean's error 0.00577, that of a difference 0.00816: 0.778 is within
    # it of 0.78 and 0.73 is not; what all variants share has no mark
    assert [row[6] for row in rows[:3]] == ["**78.0 ± 1.0**", "≈ 77.8 ± 1.0", "73.0 ± 1.0"]
    assert [row[4] for row in rows[:3]] == ["80.0 ± 0.0"] * 3
    assert rows[0][:2] == ["one (test)", "auto"] and rows[0][8] == "97.5 ± 1.3 %"  # 77/80, 78/80, 79/80
    assert rows[0][9:] == ["2.0 (0.5)", "2 of 3 seeds"] and rows[1][10] == "yes"
    # seeds that agree leave no noise
    assert [row[7] for row in rows[3:6]] == ["60.0 ± 0.0", "**70.0 ± 0.0**", "**70.0 ± 0.0**"]
    assert "Mean ± standard deviation over 3 seeds." in table
    assert (
        "Below its baseline is far on one (1.0 points), auto on two (14.0 points), near on two (4.0 points) and far on two"
        in table
    )
    assert "* two: accuracy; 50 of 1,200 rows of train (drawn with seed 0), 100 of dev and 400 of test." in table
    assert (
        "Measured by `pocketbert study made-up.yaml` on Made-Up CPU 3000, 2 cores, 2026-11-25. Versions: pocketbert 0.1.0."
        in table
    )


def test_the_average_comes_after_the_rows_and_never_alone():
    rows = rows_of(study_table(record()))[2:]
    assert [row[0] for row in rows] == ["one (test)"] * 3 + ["two (test)"] * 3 + ["*average of 2 sets*"] * 3
    assert [row[6] for row in rows[6:]] == ["69.0", "73.9", "71.5"]  # (78 + 60) / 2, (77.8 + 70) / 2, (73 + 70) / 2
    alone = record()
    alone["cells"] = [entry for entry in alone["cells"] if entry["data"] == "one"]
    assert "average" not in study_table(alone)


def test_one_seed_has_no_deviation_and_its_noise_comes_from_the_rows():
    one = record()
    one["study"] = one["study"] | {"seeds": [0]}
    one["cells"] = [entry for entry in one["cells"] if entry["seed"] == 0]
    table = study_table(one)
    # 400 rows: one error of 0.77 is 0.021, of the difference 0.030; 0.72 is further away
    assert [row[6] for row in rows_of(table)[2:5]] == ["**77.0**", "≈ 76.8", "72.0"]
    assert "±" not in table and "One seed, so there is no deviation." in table


def test_a_first_seed_that_failed_before_its_data_was_read_takes_nothing_from_the_others():
    failed = record()
    whole = study_table(failed)
    failed["cells"][1] = {key: failed["cells"][1][key] for key in ("data", "seed", "kind", "name", "values")} | {"error": "x"}
    row = rows_of(study_table(failed))[3]
    assert row[1] == "near (2 of 3 seeds, the rest FAILED)" and row[6] == "**78.3 ± 0.7**"  # of 0.778 and 0.788
    assert rows_of(whole)[5:8] == rows_of(study_table(failed))[5:8]


def test_a_cell_that_failed_is_in_the_table_and_not_in_the_average():
    failed = record()
    broken = failed["cells"][1]  # one, near, seed 0
    broken["error"] = "layer 9 is | not there"
    for part in ("kept", "worth"):
        broken.pop(part)
    broken["models"].pop("student")
    table = study_table(failed)
    row = rows_of(table)[3]
    assert row[1] == "near (2 of 3 seeds, the rest FAILED)" and row[6] == "**78.3 ± 0.7**"  # of 0.778 and 0.788
    assert "* FAILED: one, near, seed 0: layer 9 is \\| not there" in table
    for entry in failed["cells"]:
        if entry["name"] == "near" and entry["data"] == "one":
            entry |= {"error": "x", "models": {}, "kept": {}}
    rows = rows_of(study_table(failed))[2:]
    assert rows[1][4:] == ["–"] * 6 + ["FAILED"] and all("average" not in row[0] for row in rows)


def test_a_study_under_way_says_so():
    half = record()
    half["planned"] = 30
    assert "* Not run yet: 12 of 30 cells." in study_table(half)


def test_a_grid_is_chosen_on_dev_and_judged_on_test():
    grid = record()
    grid["study"] = grid["study"] | {"grids": {"teacher": {"learning_rate": [1e-4, 2e-4], "epochs": [3]}}}
    for data, scores in (("one", (0.81, 0.83)), ("two", (0.78, 0.70))):
        for seed in range(3):
            for rate, score in zip((1e-4, 2e-4), scores, strict=True):
                made = cell(data, f"{rate:g}-3", seed, "teacher", teacher=score)
                made["values"] = {"learning_rate": rate, "epochs": 3}
                grid["cells"].append(made)
    for made in grid["cells"][-5::2]:  # test does not choose
        made["models"]["teacher"]["metrics"]["test"]["accuracy"] = 0.9
    grid["planned"] = len(grid["cells"])
    rows = [row for row in rows_of(study_table(grid)) if len(row) == 9]
    assert rows[2][:3] == ["one", "teacher", "rate 0.0002, epochs 3"] and rows[3][2] == "rate 0.0001, epochs 3"
    assert rows[2][3:] == ["84.0 ± 0.0", "83.0 ± 0.0", "81.0 ± 0.0", "80.0 ± 0.0", "-3.0", "-3.0"]
    assert rows[3][7:] == ["+2.0", "+2.0"]
    assert rows[4] == ["*average of 2 sets, 2 with test*", "teacher", "", "", "", "", "", "-0.5", "-0.5"]


def test_pages_are_rendered_from_the_record(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "results" / "study.json").write_text(json.dumps(record()))
    page = tmp_path / "docs" / "study.md"
    page.write_text("<!-- results/study.json -->\n<!-- end -->\n")
    assert readme(["--root", str(tmp_path)]) == 1
    assert readme(["--root", str(tmp_path), "--write"]) == 0
    assert study_table(record()) in page.read_text() and readme(["--root", str(tmp_path)]) == 0


# ------------------------------------------------------------------------------------------------------------ for real

TRAINING = "learning_rate: 1.0e-3, warmup: 0.1, batch_size: 16, patience: 0, precision: fp32, checkpoint_steps: 5"
REAL = """
name: tiny
base:
  teacher: {{model: {teacher}, training: {{epochs: 8, {training}}}}}
  student: {{teacher_layers: [1]}}
  baseline: {{epochs: 2, {training}}}
  prediction: {{training: {{epochs: 2, {training}}}}}
data:
  small: {{train: {data}, dev: {data}, test: {data}, rows: 100, max_length: 48}}
variants:
  auto: {{intermediate: null}}
  aligned:
    method: tinybert
    intermediate: {{training: {{epochs: 2, schedule: constant, keep: last, {training}}}}}
  broken: {{student: {{teacher_layers: [9]}}}}
grids:
  teacher: {{learning_rate: [1e-3], epochs: [1, 2]}}
  student: {{learning_rate: [1e-3], epochs: [1]}}
seeds: [0, 1]
"""


def run(study: Path, runs: Path, *more: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pocketbert", "study", str(study), "--runs", str(runs), *more]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def study(small_folder, small_data, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.yaml"
    path.write_text(REAL.format(data=small_data, teacher=small_folder, training=TRAINING), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def resumed(study, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess, float]:
    """A study that was killed -9 in its second cell, then run to its end; (folder, its end, when its teacher was made)."""
    runs = tmp_path_factory.mktemp("runs")
    killed_in("intermediate", ["study", str(study), "--runs", str(runs)])
    folder = runs / "study-tiny"
    assert (folder / "notes" / "small" / "seed-0" / "variant-auto.json").is_file(), "the first cell is noted"
    assert len(list((folder / "notes").rglob("*.json"))) == 1
    taught = (folder / "small" / "seed-0" / "teacher" / "stage.json").stat().st_mtime_ns
    record = json.loads((folder / "study.json").read_text())
    assert len(record["cells"]) == 1 and record["planned"] == 12
    return folder, run(study, runs, "--data", "small", "--record", str(runs / "kept.json")), taught


@pytest.mark.timeout(1800)
def test_a_killed_study_goes_on_with_the_cell_it_was_in(resumed):
    folder, done, taught = resumed
    assert "cell 1 of" not in done.stderr and "resumed at step 5" in done.stderr
    cells = [line for line in done.stderr.splitlines() if line.startswith("cell ")]
    assert len(cells) == 11 and re.match(r"cell 2 of 12, about \d+ (s|min) left: small, aligned, seed 0", cells[0])
    assert (folder / "small" / "seed-0" / "teacher" / "stage.json").stat().st_mtime_ns == taught, "the teacher was made again"
    record = json.loads((folder.parent / "kept.json").read_text())
    assert record == json.loads((folder / "study.json").read_text())
    assert [cell.get("resumed", False) for cell in record["cells"]][:2] == [False, True]


def test_what_fails_is_noted_and_the_rest_goes_on(resumed):
    folder, done, _ = resumed
    assert done.returncode == 1 and "2 of 12 cells failed" in done.stderr
    record = json.loads((folder.parent / "kept.json").read_text())
    assert [(cell["name"], cell["seed"]) for cell in record["cells"] if "error" in cell] == [("broken", 0), ("broken", 1)]
    assert "* FAILED: small, broken, seed 1:" in done.stdout


def test_the_record_says_what_the_stages_say(resumed):
    folder, done, _ = resumed
    record = json.loads((folder.parent / "kept.json").read_text())
    auto, aligned = (next(c for c in record["cells"] if (c["name"], c["seed"]) == (name, 1)) for name in ("auto", "aligned"))
    top = folder / "small" / "seed-1"
    for name, stage in {"teacher": "teacher", "baseline": "baseline", "student": "variants/auto/student"}.items():
        assert auto["models"][name]["metrics"] == json.loads((top / stage / "stage.json").read_text())["result"]["metrics"]
    assert aligned["models"]["teacher"] == auto["models"]["teacher"] and "intermediate" in aligned["seconds"]
    assert set(auto["models"]) == {"commonest", "bag of words", "teacher", "baseline", "student"}
    assert auto["rows"] == {"train": 100, "dev": 120, "test": 120, "train_of": 120}
    student, teacher = (auto["models"][name]["metrics"]["dev"]["accuracy"] for name in ("student", "teacher"))
    assert auto["kept"]["dev"] == student / teacher and auto["worth"] in (True, False)
    assert not list(top.glob("variants/*/teacher")) and not list((top / "teacher-grid").glob("*/student"))
    assert study_table(record) in done.stdout
    text = json.dumps(record)
    assert str(folder) not in text and not re.search(r'"/|/home/|/root/|/tmp/', text)


def test_run_again_it_computes_nothing_and_what_is_new_alone_is_made(resumed, study):
    pytest.importorskip("onnxscript", reason="export is not installed (pip install -e '.[export]')")
    folder, _, _ = resumed

    def made() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("stage.json")}

    # without what fails, which would be tried again
    text = "".join(line for line in study.read_text().splitlines(True) if not line.startswith("  broken:"))
    same, more = study.with_name("same.yaml"), study.with_name("more.yaml")
    same.write_text(text)
    before, notes = made(), {path: path.read_text() for path in (folder / "notes").rglob("*.json")}
    done = run(same, folder.parent)
    assert done.returncode == 0 and "cell " not in done.stderr and "✓" not in done.stderr
    assert made() == before and {path: path.read_text() for path in notes} == notes
    more.write_text(text.partition("  aligned:")[0] + "formats: [onnx]\n")
    done = run(more, folder.parent)
    assert done.returncode == 0, done.stderr
    (cell,) = json.loads((folder / "study.json").read_text())["cells"]
    assert set(cell["models"]) >= {"student", ".onnx int8"} and {"dev", "test"} == set(cell["models"][".onnx int8"]["metrics"])
    new = {path.parent.name for path, when in made().items() if before.get(path) != when}
    assert new == {"files", "scores"}


def test_what_only_shows_a_study_makes_no_cell_run_again():
    code = code_version(("pocketbert.study.walk",))
    assert not [name for name in code if name.startswith("pocketbert.report")]
    assert not {"pocketbert.study.record", "pocketbert.study.run", "pocketbert.study.study_file"} & set(code)
    assert {"pocketbert.study.walk", "pocketbert.distill.training", "pocketbert.stages.words"} <= set(code)
