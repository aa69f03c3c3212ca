"""More texts for the student, made of the recipe's own, and what the teacher says of them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.distill.augment import Filter, Setting, described, files_of, operation, placed, settled
from pocketbert.distill.disk import source_of
from pocketbert.environment import TRAINING
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult, file_hash
from pocketbert.stages.ground import Ground, thinned
from pocketbert.tasks import Example, fingerprint
from pocketbert.tasks.files import write_file

if TYPE_CHECKING:
    from pocketbert.stages.teach import Taught

MODULES = ("pocketbert.distill.augmented",)
PACE_ROWS = 32  # texts that an operation is timed on

Operations = Mapping[str, tuple[Filter, Any]]


def operations_of(recipe: Recipe, rows: int) -> Operations:
    """The recipe's operations for so many examples, labelled or not; every number of copies is known then."""
    found = placed(recipe.augment, lambda value: None if value is None else locate(value))
    return settled(found, rows, labels_needed=recipe.prediction.hard_label_weight > 0)


def copies_of(operations: Operations) -> int:
    """New texts per text, at most."""
    return sum(options.copies for _, options in operations.values())


def augment_pace_stage(recipe: Recipe, run: RunFolder, ground: Ground) -> dict[str, tuple[float, float]]:
    """Runs the stage `augment-pace`, where any operation takes time: name -> (seconds at the start, seconds per text)."""
    examples = [*ground.splits.train.examples, *ground.splits.unlabelled]
    slow = {name: entry for name, entry in operations_of(recipe, len(examples)).items() if operation(name).SLOW}
    if not slow:
        return {}
    some = thinned(examples, PACE_ROWS)

    def work(out: Path, _: Path) -> dict[str, Any]:
        found = {}
        for name, (_filter, options) in slow.items():
            spent = []
            for texts in (some[:1], some[:1], some):  # the first also imports code
                setting = Setting(source_of(ground.model), ground.max_length, recipe.seed, out / str(len(spent)))
                began = time.monotonic()
                operation(name).augment(texts, options, setting)
                spent.append(time.monotonic() - began)
            _, once, all_of_them = spent
            found[name] = (once, max(0.0, all_of_them - once) / max(len(some) - 1, 1))
        return found

    inputs = {"model": ground.model, "train": ground.splits.train.fingerprint, "operations": described(slow)}
    return run.stage("augment-pace", inputs, MODULES, TRAINING, work).result


def augment_stage(recipe: Recipe, run: RunFolder, taught: Taught) -> StageResult | None:
    """Runs the stage `augment`; None where the recipe wants no more texts.

    Raises:
        UserError: an operation cannot be done.
    """
    examples = [*taught.splits.train.examples, *taught.splits.unlabelled]
    operations = operations_of(recipe, len(examples))
    if not operations:
        return None

    def work(out: Path, _: Path) -> dict[str, Any]:
        from pocketbert.distill.augmented import more_texts

        kept = run.path / "cache" / "augment"  # by content, for the next run with other copies, or more texts
        setting = Setting(taught.stage.folder / "model", taught.max_length, recipe.seed, kept)
        found, report = more_texts(operations, examples, setting)
        lines = (json.dumps(example.texts, ensure_ascii=False) + "\n" for example in found)
        write_file(out / "texts.jsonl", "".join(lines).encode())
        return report

    inputs = {
        "teacher": taught.stage.hash,
        "texts": fingerprint(examples),
        "operations": described(operations),
        "files": [place if place is None or not Path(place).exists() else file_hash(place) for place in files_of(operations)],
        "seed": recipe.seed,
    }
    stage = run.stage("augment", inputs, MODULES, TRAINING, work)
    for name, report in stage.result.items():
        run.say(f"  {name}: {outcome(report)}")
        if not report["kept"]:
            run.say(f"[yellow]! augment: nothing new came of {name}: no text could be changed, or none passed its filter[/]")
    return stage


def texts_for_student(taught: Taught, more: StageResult | None) -> list[Example]:
    """What the student sees in its stages: the training texts, those without labels, and those that are made of both."""
    examples = [*taught.splits.train.examples, *taught.splits.unlabelled]
    if more is None:
        return examples
    lines = (more.folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    return examples + [Example(tuple(json.loads(line)), None, row) for row, line in enumerate(lines, 1)]


def outcome(report: Mapping[str, Any]) -> str:
    """`3,000 texts, 2,800 kept; the teacher's answers to variants agree with those to their originals: 0.9520`."""
    made, kept, agreement = report["made"], report["kept"], report["agreement"]
    words = f"{made:,} texts" + (f", {kept:,} kept" if kept < made else "")
    if agreement is None:
        return words
    return f"{words}; the teacher's answers to variants agree with those to their originals: {agreement:.4f}"
