"""Every shipped method: a recipe that names it is valid, and its stages run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pocketbert.distill.intermediate import intermediate
from pocketbert.distill.methods import FOLDER, method_names, read_method
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.prediction import prediction
from pocketbert.distill.student import NewShape, write_student
from pocketbert.recipe import Recipe
from pocketbert.tasks import Classification, UserError, read_examples

TASK = Classification(("alarm", "music", "weather", "call", "lights"))
TRAINING = TrainOptions(
    learning_rate=1e-3,
    epochs=1,
    batch_size=16,
    schedule="linear",
    warmup=0.0,
    patience=0,
    freeze_embeddings=False,
    keep="last",
    precision="fp32",
    seed=0,
)
# What each says, as its paper has it: parts of the first stage's loss (None: no such stage), and of the second's.
PARTS = {
    "tinybert": ({"embedding", "attention", "hidden"}, {"pred"}),
    "minilm": ({"relation"}, {"pred"}),
    "patient": (None, {"pred", "gold", "patient"}),
    "distilbert": (None, {"pred", "cosine"}),
    "logits": (None, {"pred"}),
    "finetune": (None, {"gold"}),
}


def recipe_of(method: str, **more) -> Recipe:
    data = {"train": "train.tsv", "dev": "dev.tsv"}
    return Recipe.model_validate({"name": "x", "data": data, "teacher": {"model": "m"}, "method": method} | more)


def test_there_are_these_methods():
    assert set(method_names()) == set(PARTS)
    with pytest.raises(UserError, match='unknown method "tinybret"'):
        read_method("tinybret")


@pytest.mark.parametrize("name", PARTS)
def test_a_method_opens_with_what_it_does_and_names_its_paper(name):
    method = read_method(name)
    assert (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").startswith("# ")
    assert method.summary.endswith(".") and method.reference and set(method.sections) == {"intermediate", "prediction"}


@pytest.mark.parametrize("name", PARTS)
def test_a_method_runs_on_a_student_of_another_width(name, small_folder, small_data, tmp_path):
    recipe, examples = recipe_of(name), read_examples(small_data, TASK)
    first, second = PARTS[name]
    write_student(small_folder, NewShape(2, 32, 4, 48), TASK, 48, 0, tmp_path / "student")
    start = tmp_path / "student"
    assert (recipe.intermediate is None) == (first is None)
    if first:
        options = replace(recipe.intermediate, training=TRAINING)
        report = intermediate(small_folder, start, examples[:32], tmp_path / "aligned", options, tmp_path / "c1")
        assert set(report["loss"]) == {"loss", *first} and report["steps"] == 2
        start = tmp_path / "aligned"
    options = replace(recipe.prediction, training=TRAINING)
    report = prediction(small_folder, start, examples[:32], examples[32:64], tmp_path / "out", options, tmp_path / "c2")
    assert set(report["loss"]) == {"loss", *second} and report["steps"] == 2
    assert json.loads(json.dumps(report)) == report


def test_what_a_recipe_says_itself_wins_over_its_method():
    recipe = recipe_of("patient", prediction={"temperature": 3.0, "losses": {"cosine": {}}})
    assert (recipe.prediction.temperature, recipe.prediction.hard_label_weight) == (3.0, 0.5)
    assert recipe.prediction.losses == {"cosine": {}}
