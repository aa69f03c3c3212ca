"""A recipe: YAML, validated; what is not understood is an error that names the line, the key and the nearest known key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_doc import Doc
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pocketbert.distill.augment import placed, read_operations
from pocketbert.distill.auto import HIGHEST_LENGTH, LOWEST_LENGTH, WHOLE
from pocketbert.distill.budget import BUDGETS, STARVED
from pocketbert.distill.methods import read_method
from pocketbert.distill.options import (
    AUTO,
    Augment,
    AugmentOptions,
    Auto,
    IntermediateOptions,
    PredictionOptions,
    TrainOptions,
)
from pocketbert.refusals import explain, once, read_yaml
from pocketbert.tasks import UserError
from pocketbert.tasks.worth import TEACHER_SHARE

Positive = Annotated[int, Field(gt=0, strict=True)]  # strict: `true` is not 1
Share = Annotated[float, Field(ge=0, le=1)]
Format = Literal["pte", "tflite", "onnx"]
LONGEST = 512  # tokens, which BERT's position tables end at
FILES = (".csv", ".tsv", ".jsonl", ".parquet")
Baseline = Literal["teacher", "bert-base", "onnxruntime"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnNames(_Section):
    """Which column is what; each is found by its usual names, or as the only one left, where it is not given."""

    text: Annotated[str | None, Doc("Column of the text.")] = None
    text_pair: Annotated[str | None, Doc("Column of the second text, for sentence pairs.")] = None
    label: Annotated[str | None, Doc("Column of the label or value.")] = None


class Data(_Section):
    """Where the examples are.

    Each is a .csv, .tsv, .jsonl or .parquet file, `package:NAME/PATH` for a file that a Python package carries, or
    `datasets:ID[:CONFIG]/SPLIT` for the `datasets` library.
    """

    train: Annotated[str, Doc("Training data.")]
    dev: Annotated[str, Doc("Development data: everything that is chosen is chosen by it.")]
    test: Annotated[str | None, Doc("Scored at the end; nothing is chosen by it.")] = None
    unlabelled: Annotated[str | None, Doc("Texts of your own without labels; the teacher labels them.")] = None
    columns: ColumnNames = ColumnNames()
    licence: Annotated[str | None, Doc("Goes into the model card.")] = None


class Teacher(_Section):
    """What the student learns from."""

    model: Annotated[str, Doc("A folder, a Hugging Face id, or package:NAME/PATH.")]
    fine_tune: Annotated[bool, Doc("false takes a fine-tuned classifier as it is.")] = True
    training: TrainOptions = TrainOptions()

    @property
    def shown(self) -> str:
        """What cards and manifests call it: never a path of this machine."""
        return Path(self.model).name if Path(self.model).exists() else self.model


class Shape(_Section):
    """A BERT of any shape, with random weights."""

    layers: Annotated[Positive, Doc("Encoder layers.")]
    hidden: Annotated[Positive, Doc("Width of the hidden states, a multiple of heads.")]
    heads: Annotated[Positive, Doc("Attention heads.")]
    intermediate: Annotated[Positive, Doc("Width of the feed-forward layers.")]


class Student(_Section):
    """Which part of the teacher the student begins as; or a preset by name, or a shape, with random weights."""

    layers: Annotated[
        Positive | Auto, Doc("Layers, copied evenly from the teacher with its embeddings. auto: all of them, but narrow ones.")
    ] = AUTO
    teacher_layers: Annotated[
        list[Annotated[int, Field(ge=0)]] | None, Doc("Or exactly these layers of the teacher, from 0.")
    ] = None
    feed_forward: Annotated[
        Positive | Auto,
        Doc("Feed-forward neurons kept in each layer, the most active ones. auto: half where layers is auto too, else all."),
    ] = AUTO
    layers_from: Annotated[str | None, Doc("Copy layers from this model instead of the teacher.")] = None
    preset: Annotated[
        Literal["tinybert-4l-312", "tinybert-6l-768"] | None,
        Doc("Or a shape by name, with random weights: needs much data or a general stage."),
    ] = None
    shape: Annotated[Shape | None, Doc("Or any other shape, with random weights.")] = None
    dropout: Annotated[Annotated[float, Field(ge=0, lt=1)] | None, Doc("While training; the source's own where not given.")] = (
        None
    )

    @model_validator(mode="after")
    def _one_form(self) -> Student:
        given = [self.layers if self.layers != AUTO else None, self.preset, self.teacher_layers, self.shape]
        if sum(form is not None for form in given) > 1:
            raise ValueError("give only one of layers, preset, teacher_layers, shape")
        if self.layers_from is not None and (self.preset or self.shape):
            raise ValueError("layers_from goes with layers or teacher_layers")
        if self.feed_forward != AUTO and (self.preset or self.shape):
            raise ValueError("feed_forward goes with layers or teacher_layers")
        return self

    @property
    def shape_is_auto(self) -> bool:
        """Whether the user said nothing of which layers are copied."""
        return self.layers == AUTO and self.teacher_layers is None


class Worth(_Section):
    """When a student is not worth shipping: each of these that does not hold ends the build with exit code 3.

    It is always held against the commonest label and a bag of words, and against the fine-tuned baseline where there is one.
    """

    teacher_share: Annotated[Share, Doc("Least share of the teacher's metric on dev that the student must keep.")] = TEACHER_SHARE


class Export(_Section):
    """Which sealed files are made."""

    formats: Annotated[list[Format], Field(min_length=1), Doc("Any of pte, tflite, onnx.")] = ["pte", "tflite", "onnx"]
    quantization: Annotated[str, Doc("int8 or fp32.")] = "int8"
    min_delegation: Annotated[Share, Doc("Least share of multiply-accumulates in the fast backend.")] = 0.99
    static_length: Annotated[Positive | None, Doc("One padded length, for accelerators.")] = None
    mediapipe: Annotated[bool, Doc("true: the .tflite opens in MediaPipe's TextClassifier.")] = False
    teacher: Annotated[bool, Doc("Export the teacher the same way, to compare the student with.")] = True


class Verify(_Section):
    """A file fails when its metric drops by more than `points` and, for classifiers, by more than `rows`."""

    points: Annotated[float, Field(ge=0), Doc("Points of the metric (1 point = 0.01) that may be lost against the student.")] = (
        1.0
    )
    rows: Annotated[int, Field(ge=0), Doc("Rows of dev that may be lost besides.")] = 2


class Bench(_Section):
    """How the files are measured on this machine; it stops when both minima are met."""

    threads: Annotated[Positive, Doc("Of every runtime.")] = 1
    min_runs: Annotated[Positive, Doc("Least number of runs per file.")] = 50
    min_seconds: Annotated[float, Field(gt=0), Doc("Least number of seconds per file.")] = 2.0
    baselines: Annotated[list[Baseline], Doc("More to measure: teacher (in PyTorch), bert-base, onnxruntime.")] = []


class Recipe(_Section):
    """Everything from teacher and text to measured files."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$"), Doc("Of the run folder and of the sealed files.")]
    task: Annotated[Literal["classification", "regression"], Doc("classification or regression.")] = "classification"
    data: Data
    max_length: Annotated[
        Annotated[int, Field(ge=5, le=LONGEST)] | Auto,
        Doc(
            f"Longest text in tokens; longer ones are cut. auto: {LOWEST_LENGTH}, or as many more as keep {WHOLE:.0%} of the "
            f"texts whole, up to {HIGHEST_LENGTH}."
        ),
    ] = AUTO
    seed: Annotated[int, Field(ge=0, lt=2**32), Doc("Of everything that is drawn.")] = 0
    budget: Annotated[
        Annotated[float, Field(gt=0, allow_inf_nan=False)] | Auto,
        Doc(
            f"Minutes that the whole build may take; the plan is fitted to it. auto: {BUDGETS[0]}; {BUDGETS[1]} or {BUDGETS[2]} "
            f"where less would leave training under {STARVED:.0%} of the steps that suit the data."
        ),
    ] = AUTO
    method: Annotated[
        str, Doc("A distillation method by name; auto: dev decides between logits alone and the intermediate stage first.")
    ] = AUTO
    teacher: Teacher
    student: Student = Student()
    baseline: Annotated[TrainOptions | None, Doc("The student without a teacher, to hold it against; null leaves it out.")] = (
        TrainOptions()
    )
    augment: Augment = AugmentOptions().augment
    intermediate: Annotated[
        IntermediateOptions | None, Doc("null leaves the stage out; not given, the method or dev decides.")
    ] = None
    prediction: PredictionOptions = PredictionOptions()
    worth: Worth = Worth()
    export: Export = Export()
    verify: Verify = Verify()
    bench: Bench = Bench()

    @model_validator(mode="before")
    @classmethod
    def _by_method(cls, content: Any) -> Any:
        """A named method's sections come first; what the recipe says itself wins, key by key."""
        if not isinstance(content, dict) or content.get("method", AUTO) == AUTO:
            return content
        return merged(read_method(str(content["method"])).sections, content)

    @model_validator(mode="after")
    def _unlabelled_have_no_gold(self) -> Recipe:
        wanted = [f"augment.{name}" for name, (_, options) in read_operations(self.augment).items() if options.copies != AUTO]
        wanted += ["data.unlabelled"] if self.data.unlabelled else []
        if wanted and self.prediction.hard_label_weight:
            verb = "brings" if len(wanted) == 1 else "bring"
            raise ValueError(
                f"{' and '.join(wanted)} {verb} texts without labels; prediction.hard_label_weight must be 0 then"
            )
        return self

    @property
    def compares_stages(self) -> bool:
        """Whether dev decides about the intermediate stage: the recipe names neither a method nor the stage."""
        return self.method == AUTO and "intermediate" not in self.model_fields_set and not self.prediction.hard_label_weight


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two nested mappings as one; where both have a value, that of `above`. Losses and operations are taken as a whole."""
    both = dict(below)
    for key, value in above.items():
        nested = isinstance(value, dict) and isinstance(both.get(key), dict) and key not in ("losses", "augment")
        both[key] = merged(both[key], value) if nested else value
    return both


def read_recipe(path: Path | str) -> Recipe:
    """Reads and validates a recipe file; relative paths in it are relative to the file.

    Raises:
        UserError: names the file, the line, the key, and for an unknown key the nearest known one.
    """
    path = Path(path)
    missing = f"no such file; `pocketbert new {path}` writes a recipe to edit."
    other = f"is not a recipe; `pocketbert new {path.with_suffix('')}-new.yaml` writes one to edit."
    node, content = read_yaml(path, missing, other)
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        raise UserError("\n".join(dict.fromkeys(explain(path, node, entry, Recipe) for entry in once(error.errors())))) from None
    except UserError as error:  # from the options' own checks, and an unknown method
        raise UserError(f"{path}: {error}") from None
    return absolute(recipe, path.resolve().parent)


def beside(base: Path, value: str | None) -> str | None:
    """A file's neighbour by its absolute name; ids, `package:` and None stay as they are."""
    if value is None:
        return None
    a_file = ":" not in value and Path(value).suffix.lower() in FILES
    return str(base / value) if a_file or (base / value).exists() else value


def absolute(recipe: Recipe, base: Path) -> Recipe:
    """File names are the neighbours of the recipe, which lies in the folder `base`, and become absolute."""

    def place(value: str | None) -> str | None:
        return beside(base, value)

    sources = ("train", "dev", "test", "unlabelled")
    data = recipe.data.model_copy(update={name: place(getattr(recipe.data, name)) for name in sources})
    teacher = recipe.teacher.model_copy(update={"model": place(recipe.teacher.model)})
    student = recipe.student.model_copy(update={"layers_from": place(recipe.student.layers_from)})
    more = {"data": data, "teacher": teacher, "student": student, "augment": placed(recipe.augment, place)}
    return recipe.model_copy(update=more)
