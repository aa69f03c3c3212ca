"""The cells of a study, and which of them share a teacher and a baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pocketbert.recipe import Recipe

if TYPE_CHECKING:
    from pocketbert.study.study_file import Grid, Study

AUTO_VARIANT = "auto"  # the one that grids are held against

ROWS_SEED = 0  # the rows of a cut are the same for every cell, whatever its own seed

Kind = Literal["variant", "teacher", "student"]

# Of a grid's trainings every number that the budget could change is given; no budget is to stand in the way.
NO_BUDGET_MINUTES = 1e6


@dataclass(frozen=True)
class Cell:
    """One line of the record.

    Args:
        data: name of the data set.
        seed: of everything that is drawn.
        kind: a variant of the recipe, or a place of the grid over the teacher or the student.
        name: of the variant, or of the place, such as "0.0002-6".
        recipe: whole, with the seed.
        rows: of train that are taken; None: all.
        values: the grid's options at this place; empty for a variant.
    """

    data: str
    seed: int
    kind: Kind
    name: str
    recipe: Recipe
    rows: int | None
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """`mrpc, tinybert, seed 0`."""
        return f"{self.data}, {self.name if self.kind == 'variant' else f'{self.kind} at {self.name}'}, seed {self.seed}"

    @property
    def place(self) -> Path:
        """Where in the study's folder it is noted."""
        return Path(self.data, f"seed-{self.seed}", f"{self.kind}-{self.name}")

    @property
    def folder(self) -> Path:
        """Where in the study's folder its own stages run."""
        inner = ("variants", self.name) if self.kind == "variant" else (f"{self.kind}-grid", self.name)
        return Path(self.data, f"seed-{self.seed}", *inner)


def cells_of(study: Study, recipes: Mapping[tuple[str, str], Recipe]) -> tuple[Cell, ...]:
    """All cells in the order in which they run: seed by seed, so that what is killed has whole seeds; grids after variants.

    Args:
        study: what is wanted.
        recipes: (data set, variant) -> recipe, without regard to the seed.
    """
    found: list[Cell] = []
    for seed in study.seeds:
        for data in study.data:
            found += [_variant(study, recipes, data, seed, name) for name in study.variants]
        grids: dict[Kind, Grid | None] = {"teacher": study.grids.teacher, "student": study.grids.student}
        for data in study.data if study.grids.data is None else study.grids.data:
            for kind, grid in grids.items():
                if grid is not None:
                    found += _of_grid(_variant(study, recipes, data, seed, AUTO_VARIANT), kind, grid)
    return tuple(found)


def teacher_of(cell: Cell, cells: Sequence[Cell]) -> Cell:
    """The first variant of the same data and seed whose teacher is the same: its teacher is this cell's too."""
    return next(other for other in _variants(cell, cells) if _teacher_key(other.recipe) == _teacher_key(cell.recipe))


def baseline_of(cell: Cell, cells: Sequence[Cell]) -> Cell:
    """The first variant of the same data and seed with the same teacher, untrained student and baseline."""
    return next(other for other in _variants(cell, cells) if _baseline_key(other.recipe) == _baseline_key(cell.recipe))


def auto_of(cell: Cell, cells: Sequence[Cell]) -> Cell:
    """The variant that a place of a grid is held against."""
    return next(other for other in _variants(cell, cells) if other.name == AUTO_VARIANT)


def teacher_folder(cell: Cell, cells: Sequence[Cell]) -> Path:
    """Where the teacher of a cell runs: the folder of data and seed itself for the first variant's."""
    top, leader = Path(cell.data, f"seed-{cell.seed}"), teacher_of(cell, cells)
    return top if leader.name == next(_variants(cell, cells)).name else top / "teachers" / leader.name


def baseline_folder(cell: Cell, cells: Sequence[Cell]) -> Path:
    """Where its baseline runs, and where the pace of its models is measured: beside the teacher, or with the first variant."""
    first = baseline_of(cell, cells)
    return teacher_folder(cell, cells) if first.name == teacher_of(cell, cells).name else first.folder


def _variant(study: Study, recipes: Mapping[tuple[str, str], Recipe], data: str, seed: int, name: str) -> Cell:
    recipe = recipes[data, name].model_copy(update={"seed": seed})
    return Cell(data, seed, "variant", name, recipe, study.data[data].rows)


def _of_grid(auto: Cell, kind: Kind, grid: Grid) -> Iterator[Cell]:
    for rate in grid.learning_rate:
        for epochs in grid.epochs:
            values = {"learning_rate": rate, "epochs": epochs}
            name, recipe = f"{rate:g}-{epochs:g}", _at(auto.recipe, kind, values)
            yield replace(auto, kind=kind, name=name, recipe=recipe, values=values)


def _at(recipe: Recipe, kind: Kind, values: dict[str, float]) -> Recipe:
    """The recipe of `auto` at a place of the grid."""
    recipe = recipe.model_copy(update={"budget": NO_BUDGET_MINUTES})
    if kind == "teacher":
        training = replace(recipe.teacher.training, **values)
        taught = recipe.teacher.model_copy(update={"training": training})
        return recipe.model_copy(update={"teacher": taught})
    training = replace(recipe.prediction.training, **values)
    alone = replace(recipe.prediction, hard_label_weight=0.0, losses={}, training=training)
    return recipe.model_copy(update={"method": "logits", "intermediate": None, "prediction": alone})


def _variants(cell: Cell, cells: Sequence[Cell]) -> Iterator[Cell]:
    return (other for other in cells if other.kind == "variant" and (other.data, other.seed) == (cell.data, cell.seed))


def _teacher_key(recipe: Recipe) -> tuple[Any, ...]:
    return recipe.teacher.model_dump(), recipe.max_length, recipe.budget


def _baseline_key(recipe: Recipe) -> tuple[Any, ...]:
    return *_teacher_key(recipe), recipe.student.model_dump(), None if recipe.baseline is None else vars(recipe.baseline)
