"""The data and the task, before anything is measured or trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketbert.distill.auto import longest_text
from pocketbert.distill.options import AUTO
from pocketbert.locate import locate
from pocketbert.recipe import LONGEST, Recipe
from pocketbert.stages.data import Splits, Tables, read_splits, task_of_train
from pocketbert.tasks import UNKNOWN, Example, Task, UserError

MOST_TEXTS = 2000  # whose tokens are counted: a share is known to a point or so


@dataclass(frozen=True)
class Ground:
    """What stands before anything trains.

    Args:
        model: the teacher's folder or hub id.
        task: as the data says it, or a finished teacher's own labels and their order.
        splits: the data under that task.
        max_length: the longest text in tokens that is not cut.
    """

    model: str
    task: Task
    splits: Splits
    max_length: int


def lay_ground(recipe: Recipe, tables: Tables) -> Ground:
    """Reads the data as the recipe's task.

    Raises:
        UserError: a row that the task cannot take, a dev set without any label of train, or a finished teacher that does not
            fit the data.
    """
    model = locate(recipe.teacher.model)
    task = task_of_train(recipe, tables)
    if not recipe.teacher.fine_tune:
        from pocketbert.distill.teach import agreed_task

        task = agreed_task(Path(model) if Path(model).is_dir() else model, task)
    splits = read_splits(tables, task)
    if task.discrete and all(example.target == UNKNOWN for example in splits.dev.examples):
        first = splits.train.examples[0].target
        raise UserError(
            f"{splits.dev.name}: none of its rows has a label that {splits.train.name} has, such as "
            f'"{task.labels[int(first or 0)]}"; write the labels alike in both.'
        )
    return Ground(model, task, splits, max_length_of(recipe, splits))


def max_length_of(recipe: Recipe, splits: Splits) -> int:
    """The recipe's longest text in tokens; counted with the teacher's tokenizer where it says auto."""
    if recipe.max_length != AUTO:
        return recipe.max_length
    from pocketbert.distill.disk import source_of
    from pocketbert.distill.folders import position_limit, read_config, read_tokenizer
    from pocketbert.distill.texts import whole_ids

    place = source_of(locate(recipe.teacher.model))
    lengths = [len(ids) for ids in whole_ids(read_tokenizer(place), sample(splits))]
    return longest_text(lengths, min(position_limit(read_config(place)), LONGEST))


def sample(splits: Splits) -> list[Example]:
    """Some of the texts of train and dev."""
    return thinned([*splits.train.examples, *splits.dev.examples], MOST_TEXTS)


def thinned(examples: Sequence[Example], most: int) -> list[Example]:
    """At most so many of them, evenly spread."""
    return list(examples[:: -(-len(examples) // most)])
