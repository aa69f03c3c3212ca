"""Recipes: what is wrong in one is named by line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

import pocketbert
from pocketbert.recipe import read_recipe
from pocketbert.tasks import UserError

RECIPES = sorted((Path(pocketbert.__file__).parent / "recipes").glob("*.yaml"))
GOOD = """name: x
data:
  train: a.tsv
  dev: b.tsv
teacher:
  model: m
student:
  preset: tinybert-4l-312
"""


def read(tmp_path, text: str):
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path)


def test_a_short_recipe_gets_the_defaults(tmp_path):
    recipe = read(tmp_path, GOOD)
    assert recipe.export.formats == ["pte", "tflite", "onnx"] and recipe.verify.points == 1.0
    assert recipe.baseline.open and recipe.compares_stages  # found by the build


def test_files_beside_the_recipe_become_absolute_and_ids_stay(tmp_path):
    (tmp_path / "a.tsv").write_text("x")
    recipe = read(tmp_path, GOOD)
    assert recipe.data.train == str(tmp_path / "a.tsv") and recipe.teacher.model == "m"
    assert recipe.data.dev == str(tmp_path / "b.tsv")  # also where it is missing: never another folder's file
    assert read(tmp_path, GOOD.replace("b.tsv", "datasets:glue:sst2/validation")).data.dev == "datasets:glue:sst2/validation"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "intermediat:\n  layer_map: top\n", 'line 9: unknown key "intermediat"; did you mean "intermediate"'),
        (GOOD + "baseline:\n  epoch: 3\n", 'line 10: unknown key "baseline.epoch"; did you mean "epochs"'),
        (GOOD + "floor:\n  epochs: 3\n", 'line 9: unknown key "floor"'),
        (GOOD + "budget: 0\n", 'line 9, key "budget": .*greater than 0'),
        (GOOD + "baseline: {lr: 1e-4}\n", 'unknown key "baseline.lr"; did you mean "learning_rate"'),
        (GOOD + "budget: .inf\n", 'line 9, key "budget": .*finite'),
        (GOOD + "method: tinybird\n", r'\.yaml: unknown method "tinybird"; use auto, distilbert'),
        (GOOD + "bench:\n  threads: two\n", 'line 10, key "bench.threads".*integer.*found .two.'),
        (GOOD + "bench:\n  baselines: [teacher, foo]\n", r'line 10, key "bench.baselines.1".*found .foo.'),
        (GOOD + "losses: {hidden: {}}\n", 'unknown key "losses"; it belongs under intermediate or prediction'),
        (GOOD + "quantisation: int8\n", 'unknown key "quantisation"; known keys here: name'),
        (GOOD + "epochs: 3\n", "belongs under teacher.training or baseline or intermediate.training or prediction.training"),
        (GOOD + "baseline: {epochs: -1}\n", r'key "baseline.epochs": Input should be greater than 0, or auto \(found -1\)\.$'),
        (GOOD + "export: {formats: []}\n", r'"export.formats": needs at least one entry \(found \[\]\)'),
        (GOOD + "augment: null\n", r'"augment": must be a section: keys with values \(found null\)'),
        (GOOD.replace("name: x", "name: X"), "is to be a name of lower-case letters, digits"),
        (GOOD + "? [a, b]\n: 1\n", "line 9: .*a key must be a single word"),
        (GOOD + "augment: &a {recombine: *a}\n", "an alias lies within itself"),
        (GOOD + "bench:\n  zzz: 1\n", "known keys here: threads, min_runs"),
        (GOOD.replace("  preset:", "  feed_forward: 64\n  preset:"), "feed_forward goes with layers or teacher_layers"),
        (GOOD.replace("  preset:", "  teacher_layers: [0]\n  preset:"), "give only one of layers, preset"),
        (GOOD.replace("teacher:\n  model: m\n", ""), 'the key "teacher" is missing'),
        (GOOD.replace("name: x", "name: ../../x"), 'line 1, key "name"'),
        ("a: [\n", "line 2: not YAML"),
        (GOOD + "seed: 2024-13-45\n", "not YAML .month must be"),
        (GOOD + "seed: -1\n", 'key "seed"'),
        (GOOD + "seed: 1\nseed: 2\n", 'line 10: duplicate key "seed", first on line 9'),
        (GOOD + "bench: {threads: true}\n", 'key "bench.threads"'),
        (GOOD + "augment: {recombine: 1}\nprediction: {hard_label_weight: 0.5}\n", "augment.recombine brings texts"),
        (GOOD + "augment: {recombin: 1}\n", 'augment: unknown operation "recombin"; did you mean "recombine"'),
        (GOOD + "augment: {replace: {copys: 1}}\n", 'augment.replace: unknown option "copys"; did you mean "copies"'),
        (GOOD + "augment: {replace: {probability: 2}}\n", "augment.replace.probability: .*less than or equal to 1"),
        (GOOD + "augment: {replace: many}\n", "augment.replace.copies: .*found 'many'"),
        ("- x\n", "is not a recipe"),
        ("", "is not a recipe"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, says):
    with pytest.raises(UserError, match=says):
        read(tmp_path, text)


def test_a_missing_recipe_names_the_command_that_writes_one(tmp_path):
    with pytest.raises(UserError, match="no such file; `pocketbert new"):
        read_recipe(tmp_path / "none.yaml")


def test_every_shipped_recipe_is_valid_and_opens_with_its_command(tmp_path):
    assert {path.stem for path in RECIPES} >= {"intents"}
    for path in RECIPES:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# pocketbert ")
        read(tmp_path, text)


def test_a_named_method_sets_the_stages_and_the_recipe_wins_over_it(tmp_path):
    recipe = read(tmp_path, GOOD + "method: tinybert\n")
    assert set(recipe.intermediate.losses) == {"embedding", "attention", "hidden"} and recipe.prediction.temperature == 1.0
    recipe = read(tmp_path, GOOD + "method: tinybert\nprediction: {temperature: 3.0}\nintermediate: {losses: {hidden: {}}}\n")
    assert set(recipe.intermediate.losses) == {"hidden"} and recipe.prediction.temperature == 3.0
    assert read(tmp_path, GOOD + "method: logits\n").intermediate is None
    assert not any(read(tmp_path, GOOD + f"method: {name}\n").compares_stages for name in ("tinybert", "logits", "finetune"))
