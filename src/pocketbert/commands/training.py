"""What `teach` and `distill` share: a recipe made of options, and one part of a build in a work folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pocketbert.console import say
from pocketbert.distill.plan import Plan
from pocketbert.environment import check_training_python
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, open_run
from pocketbert.stages.data import read_tables
from pocketbert.stages.ground import Ground, lay_ground
from pocketbert.stages.plan import make_plan, pace_stage, show_plan
from pocketbert.tasks import UserError


def recipe_of(content: dict[str, Any], prefixes: Mapping[tuple[str, ...], str]) -> Recipe:
    """A recipe of what the command line gave.

    Args:
        content: as a recipe's YAML would hold it; the name is added.
        prefixes: place of a section -> the prefix that its options have, for messages.

    Raises:
        UserError: names the option that has a wrong value.
    """
    check_training_python()
    kept = {key: value for key, value in content.items() if value is not None or key == "baseline"}
    kept["teacher"] = kept["teacher"] | {"model": locate(kept["teacher"]["model"])}
    try:
        return Recipe.model_validate({"name": "stage", **kept})
    except ValidationError as error:
        raise UserError("\n".join(dict.fromkeys(_named(entry, prefixes) for entry in error.errors()))) from None


def _named(entry: dict[str, Any], prefixes: Mapping[tuple[str, ...], str]) -> str:
    keys = [str(key) for key in entry["loc"] if str(key).replace("_", "").isalpha()]
    for place, prefix in prefixes.items():
        if tuple(keys[: len(place)]) == place:
            keys = [prefix, *keys[len(place) :]]
    flag = "-".join(key for key in keys if key and key != "training").replace("_", "-")
    return f"{f'--{flag}: ' if flag else ''}{entry['msg'].removeprefix('Value error, ')} (found {entry['input']!r})."


def student_of(text: str) -> dict[str, Any]:
    """The option --student as the recipe's section: a depth, layers with commas between, a preset, or auto."""
    if text == "auto":
        return {}
    if text.isdecimal():
        return {"layers": int(text)}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if "," in text and all(part.isdecimal() for part in parts):
        return {"teacher_layers": [int(part) for part in parts]}
    return {"preset": text}


@contextmanager
def one_stage(recipe: Recipe, out: Path, stages: tuple[str, ...]) -> Iterator[tuple[RunFolder, Ground, Plan]]:
    """A run folder beside `out`, with data, pace and plan; it is removed when the block ends without an error."""
    with open_run(out.with_name(f".{out.name}.work"), say) as run:
        ground = lay_ground(recipe, read_tables(recipe, run.path / "data"))
        plan = make_plan(recipe, ground, pace_stage(recipe, run, ground), stages)
        show_plan(run, plan)
        yield run, ground, plan
        shutil.rmtree(run.path)
