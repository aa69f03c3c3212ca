"""The data and the task, before anything is measured or trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.stages.data import Splits, Tables, read_splits, task_of_train
from pocketbert.tasks import Task


@dataclass(frozen=True)
class Ground:
    """What stands before anything trains.

    Args:
        model: the teacher's folder or hub id.
        task: as the data says it, or a finished teacher's own labels and their order.
        splits: the data under that task.
    """

    model: str
    task: Task
    splits: Splits


def lay_ground(recipe: Recipe, tables: Tables) -> Ground:
    """Reads the data as the recipe's task.

    Raises:
        UserError: a row that the task cannot take, or a finished teacher that does not fit the data.
    """
    model = locate(recipe.teacher.model)
    task = task_of_train(recipe, tables)
    if not recipe.teacher.fine_tune:
        from pocketbert.distill.teach import agreed_task

        task = agreed_task(Path(model) if Path(model).is_dir() else model, task)
    return Ground(model, task, read_splits(tables, task))
