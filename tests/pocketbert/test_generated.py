"""Recipe, template and command line are made from the same dataclasses; no default is written twice."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

import pocketbert
from pocketbert.bench import Plan
from pocketbert.commands.bench import bench
from pocketbert.commands.distill import distill, student_of
from pocketbert.commands.export import export
from pocketbert.commands.general import general
from pocketbert.commands.generated import described
from pocketbert.commands.teach import teach
from pocketbert.commands.verify import verify
from pocketbert.distill.augment import operation_names
from pocketbert.distill.methods import method_names
from pocketbert.distill.options import AugmentOptions, GeneralOptions, IntermediateOptions, PredictionOptions, TrainOptions
from pocketbert.distill.terms import term_names
from pocketbert.edge_export.verify import Limits
from pocketbert.recipe import Bench, Export, Recipe, Verify, read_recipe
from pocketbert.report.options_page import options_tables
from pocketbert.single_stage import recipe_of
from pocketbert.stages.student import costs_of
from pocketbert.tasks import UserError
from pocketbert.template import cost_lines, recipe_text

VALUES = {"name": "mine", "data.train": "a.tsv", "data.dev": "b.tsv", "teacher.model": "m"}
OPTIONS = (TrainOptions, IntermediateOptions, PredictionOptions, AugmentOptions, GeneralOptions)


def uncommented(text: str) -> str:
    """The template with every option in force, as a user who takes away the marks would have it."""
    lines = []
    for line in text.splitlines():
        bare = line.lstrip()
        is_option = bare.startswith("# ") and bare[2:].split(":")[0].isidentifier() and ":" in bare
        lines.append(line.replace("# ", "", 1) if is_option else line)
    return "\n".join(lines)


def test_the_template_is_a_recipe_with_the_defaults(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(recipe_text("mine.yaml", VALUES, None), encoding="utf-8")
    data = {"train": str(tmp_path / "a.tsv"), "dev": str(tmp_path / "b.tsv")}
    plain = Recipe.model_validate({"name": "mine", "data": data, "teacher": {"model": "m"}})
    assert read_recipe(path) == plain and read_recipe(path).compares_stages


def test_what_the_template_shows_is_what_the_dataclasses_have(tmp_path):
    shown = yaml.safe_load(uncommented(recipe_text("mine.yaml", VALUES, None)))
    assert shown["teacher"]["training"] == {entry.name: getattr(TrainOptions(), entry.name) for entry in fields(TrainOptions)}
    assert shown["prediction"]["temperature"] == PredictionOptions().temperature
    assert shown["intermediate"]["losses"] == IntermediateOptions().losses
    assert shown["verify"] == Recipe.model_fields["verify"].default.model_dump()
    # every key of every section is there, and nothing else
    assert set(shown) == set(Recipe.model_fields)


def test_the_page_of_options_has_defaults_bounds_and_meanings():
    page = options_tables()
    for line in (
        "| `max_length` | whole number at least 5, at most 512, or auto | `auto` | Longest text in tokens; longer ones are cut. "
        "auto: 64, or as many more as keep 95% of the texts whole, up to 256. |",
        "| `preset` | tinybert-4l-312, tinybert-6l-768, or null | `null` | "
        "Or a shape by name, with random weights: needs much data or a general stage. |",
        "| `weight` | number at least 0 | `1.0` | Of this loss in the sum; 0 leaves it out. |",
        "| `train` | text | required | Training data. |",
    ):
        assert line in page.splitlines()
    assert all(f"| `{entry.name}` |" in page for section in OPTIONS for entry in fields(section) if entry.name != "training")
    assert all(f"## `augment.{name}`" in page for name in operation_names())
    assert all(f"## `losses.{name}`" in page for name in term_names()) and all(f"| `{name}` |" in page for name in method_names())


def test_every_option_has_a_meaning():
    for section in OPTIONS:
        assert [path for path, meaning, _ in described(section) if not meaning] == []


@pytest.mark.parametrize(
    ("command", "prefix", "section"),
    [
        (teach, "", TrainOptions),
        (distill, "intermediate_", IntermediateOptions),
        (distill, "prediction_", PredictionOptions),
        (distill, "", AugmentOptions),
        (general, "", GeneralOptions),
    ],
)
def test_every_option_of_a_section_is_one_of_its_command(command, prefix, section):
    given = set(inspect.signature(command).parameters)
    wanted = {prefix + "_".join(part for part in path if part != "training") for path, *_ in described(section)}
    assert wanted <= given


def test_no_default_of_an_option_stands_twice():
    # An option's default is an assignment with that name; anywhere else such a name must be given, not defaulted.
    names = {path[-1] for section in OPTIONS for path, *_ in described(section)}
    names -= {"seed", "precision", "losses", "layer_map", "augment", "max_length"}
    package = Path(pocketbert.__file__).parent
    twice = []
    for folder in (package, package / "distill"):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
                    if node.target.id in names and path.name != "options.py":
                        twice.append(f"{path.name}: {node.target.id}")
                if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                    arguments = node.args
                    defaulted = arguments.args[len(arguments.args) - len(arguments.defaults) :]
                    defaulted += [a for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
                    twice += [f"{path.name}: {a.arg}" for a in defaulted if a.arg in names]
    assert twice == []


def test_what_measures_and_verifies_has_the_defaults_of_the_recipe():
    """The command line loads no recipe, and bench and edge_export know of none: their defaults stand apart, never different."""

    def default(command, option: str):
        return inspect.signature(command).parameters[option].default

    assert Limits() == Limits(**Verify().model_dump())
    asked = Bench().model_dump(exclude={"baselines"})
    assert asked == {name: getattr(Plan(), name) for name in asked} == {name: default(bench, name) for name in asked}
    for command in (verify, export):
        assert Verify().model_dump() == {name: default(command, name) for name in Verify.model_fields}
    sealed = Export().model_dump(exclude={"teacher", "formats"})
    assert sealed == {name: default(export, name) for name in sealed}
    assert Export().formats == default(export, "formats").split(",")


def test_options_of_the_command_line_are_read_as_in_a_recipe():
    content = {
        "data": {"train": "a.tsv", "dev": "b.tsv"},
        "teacher": {"model": "m", "training": {"learning_rate": 1e-4, "keep": "last"}},
        "intermediate": {"losses": {"hidden": {"weight": 0.5}}},
    }
    recipe = recipe_of(content, {})
    assert recipe.teacher.training == TrainOptions(learning_rate=1e-4, keep="last")
    assert recipe.intermediate.losses == {"hidden": {"weight": 0.5}} and not recipe.compares_stages


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"teacher": {"model": "m", "training": {"epochs": -1}}}, r"^--epochs: .*greater than 0, or auto \(found -1\)"),
        ({"prediction": {"temperature": 0}}, r"^--prediction-temperature: .*greater than 0"),
        ({"prediction": {"training": {"keep": "first"}}}, r"^--prediction-keep: "),
        ({"method": "bert-of-theseus"}, 'unknown method "bert-of-theseus"; use auto, '),
    ],
)
def test_a_wrong_value_names_its_option(content, says):
    base = {"data": {"train": "a.tsv", "dev": "b.tsv"}, "teacher": {"model": "m"}}
    prefixes = {("teacher", "training"): "", ("prediction",): "prediction"}
    with pytest.raises(UserError, match=says):
        recipe_of(base | content, prefixes)


def test_a_student_on_the_command_line():
    assert student_of("auto") == {} and student_of("3") == {"layers": 3}
    assert student_of("0,2, 5") == {"teacher_layers": [0, 2, 5]} and student_of("4,") == {"teacher_layers": [4]}
    assert student_of("tinybert-4l-312") == {"preset": "tinybert-4l-312"}


def test_what_a_layer_costs_is_what_the_model_says(minilm_folder):
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(minilm_folder)

    def parameters(neurons: int) -> int:
        config.intermediate_size = neurons
        return sum(parameter.numel() for parameter in AutoModel.from_config(config).encoder.layer[0].parameters())

    costs = costs_of(minilm_folder / "config.json")
    assert (costs.layer, costs.whole) == (parameters(768), parameters(1536))
    assert costs.whole_share == pytest.approx(1 / 6) and costs.layer_share == pytest.approx(1 / 9)
    said = " ".join(cost_lines(costs))
    assert "all 6 layers of the teacher, with 768 of their 1536" in said and "1.2 MB" in said and "1.8 MB and 17%" in said
    assert costs_of(minilm_folder / "no.json") is None and cost_lines(None) == []
