"""A recipe: YAML, validated; what is not understood is an error that names the line, the key and the nearest known key."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pocketbert.tasks import UserError

Positive = Annotated[int, Field(gt=0, strict=True)]  # strict: `true` is not 1
Share = Annotated[float, Field(ge=0, le=1)]
Format = Literal["pte", "tflite", "onnx"]
FILES = (".csv", ".tsv", ".jsonl", ".parquet")
Baseline = Literal["teacher", "bert-base", "onnxruntime"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnNames(_Section):
    """Which column is what; each is found by its usual names where it is not given."""

    text: str | None = None
    text_pair: str | None = None
    label: str | None = None


class Data(_Section):
    """Where the examples are.

    Each is a .csv, .tsv, .jsonl or .parquet file, `package:NAME/PATH` for a file that a Python package carries, or
    `datasets:ID[:CONFIG]/SPLIT` for the `datasets` library.
    """

    train: str
    dev: str
    test: str | None = None
    columns: ColumnNames = ColumnNames()
    licence: str | None = None


class Training(_Section):
    """How one stage trains."""

    epochs: Positive = 3
    learning_rate: Annotated[float, Field(gt=0)] = 5e-5
    batch_size: Positive = 32
    schedule: Literal["linear", "constant"] = "linear"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    freeze_embeddings: bool = False
    keep: Literal["best", "last"] = "best"
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 60.0


class Teacher(_Section):
    """`model` is a folder, a hub id, or `package:NAME/PATH`; `fine_tune: false` takes a classifier as it is."""

    model: str
    fine_tune: bool = True
    training: Training = Training(epochs=3, learning_rate=5e-5)

    @property
    def shown(self) -> str:
        """What cards and manifests call it: never a path of this machine."""
        return Path(self.model).name if Path(self.model).exists() else self.model


class Shape(_Section):
    """A BERT of any shape, with random weights."""

    layers: Positive
    hidden: Positive
    heads: Positive
    intermediate: Positive


class Student(_Section):
    """Exactly one of: a preset by name, layers of a trained model, or a shape."""

    preset: Literal["tinybert-4l-312", "tinybert-6l-768"] | None = None
    teacher_layers: list[Annotated[int, Field(ge=0)]] | None = None
    layers_from: str | None = None
    shape: Shape | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Student:
        if sum(form is not None for form in (self.preset, self.teacher_layers, self.shape)) != 1:
            raise ValueError("give exactly one of preset, teacher_layers, shape")
        if self.layers_from is not None and self.teacher_layers is None:
            raise ValueError("layers_from goes with teacher_layers")
        return self


class Augment(_Section):
    """More texts for the teacher to label: `recombine` new ones for each training text, made of the training texts."""

    recombine: Annotated[int, Field(ge=0, le=100)] = 0


class Intermediate(_Section):
    """Distillation of embeddings, attention scores and hidden states (TinyBERT, equations 7 to 9)."""

    training: Training = Training(epochs=10, learning_rate=5e-5, schedule="constant", warmup=0.0, keep="last")
    layer_map: Literal["uniform", "top", "bottom", "last"] | list[int] = "uniform"
    attention_weight: Annotated[float, Field(ge=0)] = 1.0
    hidden_weight: Annotated[float, Field(ge=0)] = 1.0
    embedding_weight: Annotated[float, Field(ge=0)] = 1.0


class Prediction(_Section):
    """Distillation of the teacher's predictions (equation 10)."""

    training: Training = Training(epochs=3, learning_rate=3e-5)
    temperature: Annotated[float, Field(gt=0)] = 1.0
    hard_label_weight: Share = 0.0


class Export(_Section):
    """Which sealed files are made."""

    formats: Annotated[list[Format], Field(min_length=1)] = ["pte", "tflite", "onnx"]
    quantization: str = "int8"
    min_delegation: Share = 0.99
    static_length: Positive | None = None
    mediapipe: bool = False


class Verify(_Section):
    """A file fails when its metric drops by more than `points` (1 point = 0.01) and, for classifiers, more than `rows`."""

    points: Annotated[float, Field(ge=0)] = 1.0
    rows: Annotated[int, Field(ge=0)] = 2


class Bench(_Section):
    """How the files are measured on this machine; it stops when both minima are met."""

    threads: Positive = 1
    min_runs: Positive = 50
    min_seconds: Annotated[float, Field(gt=0)] = 2.0
    baselines: list[Baseline] = []


class Recipe(_Section):
    """Everything from teacher and text to measured files."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
    task: Literal["classification", "regression"] = "classification"
    data: Data
    max_length: Annotated[int, Field(ge=5, le=512)] = 64
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    teacher: Teacher
    student: Student
    floor: Training | None = None
    augment: Augment = Augment()
    intermediate: Intermediate | None = Intermediate()
    prediction: Prediction = Prediction()
    export: Export = Export()
    verify: Verify = Verify()
    bench: Bench = Bench()

    @model_validator(mode="after")
    def _labels_exist(self) -> Recipe:
        if self.augment.recombine and self.prediction.hard_label_weight:
            raise ValueError("augment.recombine makes texts without labels; prediction.hard_label_weight must be 0 with it")
        return self


def read_recipe(path: Path | str) -> Recipe:
    """Reads and validates a recipe file; relative paths in it are relative to the file.

    Raises:
        UserError: names the file, the line, the key, and for an unknown key the nearest known one.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `pocketbert new {path}` writes a recipe to edit.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}).") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_repeated_keys(path, node)
        content = yaml.safe_load(text)
    except ValueError as error:  # a date that is none, such as 2024-13-45
        raise UserError(f"{path}: not YAML ({error}); put quotes around it if it is a text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{where}: not YAML ({getattr(error, 'problem', error)}).") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: is no recipe; `pocketbert new {path.with_suffix('')}-new.yaml` writes one to edit.")
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        raise UserError("\n".join(_explain(path, node, entry) for entry in error.errors())) from None
    return _absolute(recipe, path.resolve().parent)


def _refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML forbids a key twice in one mapping; PyYAML silently takes the last."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise UserError(f'{path}, line {line}: the key "{key.value}" stands on line {seen[key.value]} already.')
            seen[key.value] = line
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            _refuse_repeated_keys(path, entry)


def _explain(path: Path, node: yaml.Node, entry: dict[str, Any]) -> str:
    keys = [key for key in entry["loc"] if isinstance(key, int) or not _is_type_tag(key)]
    line, name = _line_of(node, keys), ".".join(map(str, keys))
    if entry["type"] != "extra_forbidden":
        if entry["type"] == "missing":
            return f'{path}, line {line}: the key "{name}" is missing.'
        where = f'{path}, line {line}, key "{name}"' if name else f"{path}"
        found = "" if isinstance(entry["input"], dict) else f" (found {entry['input']!r})"
        return f"{where}: {entry['msg'].removeprefix('Value error, ')}{found}."
    known = _known_keys(keys[:-1])
    near = difflib.get_close_matches(str(keys[-1]), known, 1, 0.4)
    hint = f'did you mean "{near[0]}"?' if near else f"known keys here: {', '.join(known)}."
    return f'{path}, line {line}: unknown key "{name}"; {hint}'


def _is_type_tag(key: str) -> bool:
    # for a union pydantic puts the name of each tried member into the location
    return key.startswith(("literal[", "list[", "function-"))


def _line_of(node: yaml.Node, keys: list[str | int]) -> int:
    """The line (from 1) of the key, or of the nearest enclosing thing that is in the file."""
    line = node.start_mark.line + 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line


def _known_keys(keys: list[str | int]) -> list[str]:
    model: Any = Recipe
    for key in keys:
        annotation = model.model_fields[key].annotation
        parts = [annotation, *getattr(annotation, "__args__", ())]  # `Section | None` hides the section in its arguments
        model = next(part for part in parts if isinstance(part, type) and issubclass(part, BaseModel))
    return list(model.model_fields)


def _absolute(recipe: Recipe, base: Path) -> Recipe:
    """File names are the recipe's neighbours and become absolute; ids and `package:` stay as they are."""

    def place(value: str | None) -> str | None:
        a_file = value is not None and ":" not in value and Path(value).suffix.lower() in FILES
        return str(base / value) if a_file or (value is not None and (base / value).exists()) else value

    data = recipe.data.model_copy(update={name: place(getattr(recipe.data, name)) for name in ("train", "dev", "test")})
    teacher = recipe.teacher.model_copy(update={"model": place(recipe.teacher.model)})
    student = recipe.student.model_copy(update={"layers_from": place(recipe.student.layers_from)})
    return recipe.model_copy(update={"data": data, "teacher": teacher, "student": student})
