"""One part of a build by itself, for `teach` and `distill`: a recipe made of options, and a work folder beside what is made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pocketbert.console import say
from pocketbert.distill.plan import Plan
from pocketbert.environment import check_training_python
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.refusals import location, once, shown, words
from pocketbert.run_folder import RunFolder, open_run
from pocketbert.stages.augment import augment_pace_stage
from pocketbert.stages.data import read_tables
from pocketbert.stages.ground import Ground, lay_ground
from pocketbert.stages.plan import make_plan, pace_stage, show_plan
from pocketbert.tasks import UserError

Prefixes = Mapping[tuple[str, ...], str]
"""Place of a section in a recipe -> the prefix that its options have on the command line."""


@dataclass(frozen=True)
class Trained:
    """A model that `teach` or `distill` made.

    Args:
        folder: a plain Hugging Face model folder.
        metric: the task's metric by name.
        metrics: on the development data, by name.
        agreement: with the teacher on the development data, 0 to 1; None where no teacher was asked.
    """

    folder: Path
    metric: str
    metrics: dict[str, float]
    agreement: float | None = None

    @property
    def score(self) -> float:
        """The task's metric on the development data."""
        return self.metrics[self.metric]


def recipe_of(content: dict[str, Any], prefixes: Prefixes | None = None) -> Recipe:
    """A recipe of what a command line or a caller gave.

    Args:
        content: as a recipe's YAML would hold it; the name is added.
        prefixes: for messages that name options of a command line; None: they name keys of a recipe.

    Raises:
        UserError: names the option, or the key, that has a wrong value.
    """
    check_training_python()
    kept: dict[str, Any] = {key: value for key, value in content.items() if value is not None or key == "baseline"}
    kept["teacher"] = kept["teacher"] | {"model": locate(kept["teacher"]["model"])}
    try:
        return Recipe.model_validate({"name": "stage", **kept})
    except ValidationError as error:
        raise UserError("\n".join(dict.fromkeys(_said(entry, prefixes) for entry in once(error.errors())))) from None


def _said(entry: ErrorDetails, prefixes: Prefixes | None) -> str:
    keys = [key for key in location(entry) if isinstance(key, str)]
    name = ".".join(keys) if prefixes is None else _flag(keys, prefixes)
    return f"{f'{name}: ' if name else ''}{words(entry)} (found {shown(entry['input'])})."


def _flag(keys: list[str], prefixes: Prefixes) -> str:
    for place, prefix in prefixes.items():
        if tuple(keys[: len(place)]) == place:
            keys = [prefix, *keys[len(place) :]]
    flag = "-".join(key for key in keys if key and key != "training").replace("_", "-")
    return f"--{flag}" if flag else ""


def teach(recipe: Recipe, out: Path) -> Trained:
    """Fine-tunes the recipe's teacher into the folder `out`, whole or not at all; killed and called again, it resumes.

    Raises:
        UserError: the model or the data cannot be used, or `out` is something that would be lost.
    """
    from pocketbert.distill.disk import check_out
    from pocketbert.stages.teach import teach_stage

    out = check_out(out, (recipe.teacher.model, recipe.data.train, recipe.data.dev))
    with _one_stage(recipe, out, ("teacher",)) as (run, ground, plan):
        taught = teach_stage(recipe, run, ground, plan).stage
        _copy(taught.folder / "model", out)
    return Trained(out, ground.task.metric, taught.result["metrics"]["dev"])


def distill(recipe: Recipe, out: Path) -> Trained:
    """Distils the recipe's student into the folder `out`, whole or not at all; killed and called again, it resumes.

    Raises:
        UserError: models or data do not fit, or `out` is something that would be lost.
    """
    from pocketbert.distill.disk import check_out
    from pocketbert.stages.distill import distill_stage
    from pocketbert.stages.teach import teach_stage

    read = (recipe.teacher.model, recipe.data.train, recipe.data.dev, recipe.student.layers_from, recipe.data.unlabelled)
    out = check_out(out, filter(None, read))
    with _one_stage(recipe, out, ("intermediate", "student")) as (run, ground, plan):
        student = distill_stage(recipe, run, teach_stage(recipe, run, ground, plan), plan).student
        _copy(student.folder / "model", out)
    result = student.result
    return Trained(out, ground.task.metric, result["metrics"]["dev"], result["report"]["agreement"])


@contextmanager
def _one_stage(recipe: Recipe, out: Path, stages: tuple[str, ...]) -> Iterator[tuple[RunFolder, Ground, Plan]]:
    """A run folder beside `out`, with data, pace and plan; it is removed when the block ends without an error."""
    with open_run(out.with_name(f".{out.name}.work"), say) as run:
        ground = lay_ground(recipe, read_tables(recipe, run.path / "data"))
        slow = augment_pace_stage(recipe, run, ground) if "student" in stages else {}
        plan = make_plan(recipe, ground, pace_stage(recipe, run, ground), stages, slow)
        show_plan(run, plan)
        yield run, ground, plan
        shutil.rmtree(run.path)


def _copy(model: Path, out: Path) -> None:
    # copied rather than moved: after a kill in between, the finished stage is there to copy again
    from pocketbert.distill.disk import new_folder

    with new_folder(out) as folder:
        shutil.copytree(model, folder, dirs_exist_ok=True)
