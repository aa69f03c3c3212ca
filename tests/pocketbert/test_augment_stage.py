"""What the stage `augment` depends on: the files that an operation reads, wherever their names come from."""

from __future__ import annotations

from types import SimpleNamespace

from pocketbert.recipe import Recipe
from pocketbert.stages.augment import augment_stage, operations_of
from pocketbert.tasks import Example


def recipe(augment: dict) -> Recipe:
    data = {"train": "a.tsv", "dev": "b.tsv"}
    return Recipe.model_validate({"name": "a", "data": data, "teacher": {"model": "m"}, "augment": augment})


def hashed(given: Recipe) -> dict:
    """The inputs of the stage, which is not run."""
    seen = {}

    def stage(name, inputs, *rest):
        seen.update(inputs)
        return SimpleNamespace(result={})

    splits = SimpleNamespace(train=SimpleNamespace(examples=[Example(("a text",), 0, 1)]), unlabelled=[])
    taught = SimpleNamespace(splits=splits, stage=SimpleNamespace(hash="t", folder=None), max_length=16)
    augment_stage(given, SimpleNamespace(stage=stage, say=print), taught)
    return seen


def test_other_vectors_under_the_same_name_are_another_stage(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("alarm 1 0\nclock 0 1\n")
    wanted = recipe({"replace": {"copies": 1, "vectors": str(path)}})
    first = hashed(wanted)
    assert hashed(wanted) == first
    path.write_text("alarm 1 0\nclock 1 1\n")
    assert hashed(wanted) != first


def test_a_model_that_a_package_carries_is_found():
    wanted = recipe({"replace": {"copies": 1, "model": "package:pocketbert.demo.intents/train.tsv"}})
    _, options = operations_of(wanted, 10)["replace"]
    assert options.model.endswith("demo/intents/train.tsv") and not options.model.startswith("package:")
