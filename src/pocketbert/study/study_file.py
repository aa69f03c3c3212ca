"""study.yaml, validated with the care of a recipe: what is wrong is named by line and key, before anything trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from annotated_doc import Doc
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from pocketbert.distill.options import Seed
from pocketbert.recipe import LONGEST, Data, Format, Positive, Recipe, absolute, merged
from pocketbert.refusals import explain, once, read_yaml
from pocketbert.study.cells import AUTO_VARIANT, Cell, cells_of
from pocketbert.tasks import UserError

# Data set and variant together name a cell's files, and a recipe's name has 40 characters at most.
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,18}$")]
GIVEN = ("name", "data", "task", "seed")  # keys of a recipe that a study says elsewhere


class StudyData(Data):
    """One data set: a recipe's data, and what else depends on it."""

    task: Annotated[Literal["classification", "regression"], Doc("classification or regression.")] = "classification"
    rows: Annotated[Positive | None, Doc("So many rows of train, drawn once, the same for every cell; all if not given.")] = None
    max_length: Annotated[
        Annotated[int, Field(ge=5, le=LONGEST)] | None, Doc("Longest text in tokens; a recipe's default if not given.")
    ] = None


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _refuse_twice(section: BaseModel, *names: str) -> None:
    """What is listed twice would be one run that counts as two."""
    for name in names:
        values = getattr(section, name)
        if len(set(values)) < len(values):
            raise ValueError(f"{name}: one of {values} is there twice")


class Grid(_Section):
    """Every rate with every length is one training."""

    learning_rate: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1), Doc("Rates.")]
    epochs: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1), Doc("Passes over the training data.")]

    @model_validator(mode="after")
    def _has_each_once(self) -> Grid:
        _refuse_twice(self, "learning_rate", "epochs")
        return self


class Grids(_Section):
    """What `auto` is held against."""

    data: Annotated[list[Name] | None, Doc("The data sets that have grids; all if not given.")] = None
    teacher: Annotated[Grid | None, Doc("Of teacher.training; only the teacher is trained.")] = None
    student: Annotated[
        Grid | None, Doc("Of prediction.training, with the method logits and the teacher of the variant `auto`.")
    ] = None


class Study(_Section):
    """Variants x data sets x seeds, and grids beside them."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$"), Doc("Of the run folder.")]
    base: Annotated[dict[str, Any], Doc("The part of a recipe that all cells share.")] = {}
    data: Annotated[dict[Name, StudyData], Field(min_length=1), Doc("Data sets by name.")]
    variants: Annotated[
        dict[Name, dict[str, Any] | None], Field(min_length=1), Doc("Name -> what of the recipe differs from the base.")
    ]
    grids: Grids = Grids()
    seeds: Annotated[list[Seed], Field(min_length=1), Doc("Each is one run of every cell.")] = [0]
    formats: Annotated[list[Format], Doc("Sealed files that each variant's student is made into and scored as.")] = []

    @model_validator(mode="after")
    def _makes_sense(self) -> Study:
        _refuse_twice(self, "seeds", "formats")
        if (self.grids.teacher or self.grids.student) and AUTO_VARIANT not in self.variants:
            raise ValueError(f'grids are held against the variant named "{AUTO_VARIANT}", and there is none')
        unknown = [name for name in self.grids.data or () if name not in self.data]
        if unknown:
            raise ValueError(f"grids.data: there is no data set {unknown[0]}; there are {', '.join(self.data)}")
        return self


def read_study(path: Path | str, only: Sequence[str] = ()) -> tuple[Study, tuple[Cell, ...]]:
    """The study, and its cells in the order in which they run, each with a whole recipe.

    Relative paths are relative to the file.

    Args:
        path: of the file.
        only: the data sets that are wanted of it; all where there are none.

    Raises:
        UserError: names the file, the line and the key of everything that is wrong, also in what becomes a recipe; or a data set
            that is wanted and not there.
    """
    path = Path(path)
    node, content = read_yaml(path, "no such file; docs/study.md shows one.", "is not a study; docs/study.md shows one.")
    try:
        study = Study.model_validate(content)
    except ValidationError as error:
        raise UserError(_lines(explain(path, node, entry, Study) for entry in once(error.errors()))) from None
    _refuse_what_is_given(path, node, study)
    study = _cut_to(path, study, only)
    base = path.resolve().parent
    recipes = {
        (data, variant): absolute(_recipe(path, node, study, data, variant), base)
        for data in study.data
        for variant in study.variants
    }
    if study.grids.teacher and not all(recipes[data, AUTO_VARIANT].teacher.fine_tune for data in study.data):
        raise UserError(f'{path}: grids.teacher trains teachers, and the variant "{AUTO_VARIANT}" has teacher.fine_tune: false.')
    return study, cells_of(study, recipes)


def _cut_to(path: Path, study: Study, only: Sequence[str]) -> Study:
    """The study of these data sets alone."""
    unknown = [name for name in only if name not in study.data]
    if unknown:
        raise UserError(f"{path}: there is no data set {unknown[0]}; there are {', '.join(study.data)}.")
    if not only:
        return study
    update: dict[str, Any] = {"data": {name: section for name, section in study.data.items() if name in only}}
    if study.grids.data is not None:
        update["grids"] = study.grids.model_copy(update={"data": [name for name in study.grids.data if name in only]})
    return study.model_copy(update=update)


def _recipe(path: Path, node: yaml.Node, study: Study, data: str, variant: str) -> Recipe:
    """The recipe of a cell; its seed is still the default."""
    section = study.data[data]
    given = section.model_dump(exclude_unset=True)
    here = {"data": {key: value for key, value in given.items() if key in Data.model_fields}, "task": section.task}
    if section.max_length is not None:
        here["max_length"] = section.max_length
    content = merged(merged(study.base, here), study.variants[variant] or {}) | {"name": f"{data}-{variant}"}
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        said = (explain(path, node, entry, Recipe, _under(node, variant, entry["loc"])) for entry in once(error.errors()))
        raise UserError(_lines(said)) from None
    except UserError as error:  # from the options' own checks, and an unknown method
        raise UserError(f"{path}, variant {variant}: {error}") from None


def _under(node: yaml.Node, variant: str, keys: tuple[str | int, ...]) -> tuple[str, ...]:
    """Under what in the study the recipe's key stands: the variant's word counts before the base's."""
    places = (("variants", variant), ("base",))
    return next((under for under in places if _stands(node, under, keys)), ("base",))


def _stands(node: yaml.Node, under: tuple[str, ...], keys: tuple[str | int, ...]) -> bool:
    """Whether these keys are in the file; what follows after a value that is no mapping is pydantic's own and no key."""
    for depth, key in enumerate((*under, *keys)):
        if not isinstance(node, yaml.MappingNode):
            return depth > len(under)
        found = next((value for name, value in node.value if name.value == str(key)), None)
        if found is None:
            return False
        node = found
    return True


def _refuse_what_is_given(path: Path, node: yaml.Node, study: Study) -> None:
    sections = {("base",): study.base} | {("variants", name): values or {} for name, values in study.variants.items()}
    for under, values in sections.items():
        for key in GIVEN:
            if key in values:
                said = "a study says this in data and seeds, or by itself"
                entry: ErrorDetails = {"loc": (key,), "type": "given", "msg": said, "input": {}}
                raise UserError(explain(path, node, entry, Recipe, under))


def _lines(said: Iterator[str]) -> str:
    return "\n".join(dict.fromkeys(said))
