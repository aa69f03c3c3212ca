"""The teacher: fine-tuned on the recipe's data or taken as it is, and scored before anything is distilled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketbert.environment import TRAINING
from pocketbert.locate import locate
from pocketbert.recipe import Recipe, Training
from pocketbert.run_folder import RunFolder, StageResult, file_hash
from pocketbert.stages.data import Splits, read_splits, read_tables, task_of_train
from pocketbert.tasks import Task, task_from_dict

ROOMS = ("pocketbert.tasks", "pocketbert.distill", "pocketbert.stages.data", "pocketbert.stages.teach")


@dataclass(frozen=True)
class Taught:
    """The finished stage, and the data as the teacher's task reads it."""

    stage: StageResult
    task: Task
    splits: Splits


def teach_stage(recipe: Recipe, run: RunFolder) -> Taught:
    """Runs the stage `teacher`.

    Raises:
        UserError: from the data or the model.
    """
    tables = read_tables(recipe, run.path / "data")
    model = locate(recipe.teacher.model)
    inferred = task_of_train(recipe, tables)
    pair = inferred.pair
    if not recipe.teacher.fine_tune:
        inferred = None if all(label.isdecimal() for label in inferred.labels) else inferred
    inputs = {
        "training": training_inputs(recipe.teacher.training) if recipe.teacher.fine_tune else None,
        "weights": file_hash(model) if Path(model).is_dir() else model,
        "data": {name: file_hash(table.path) for name, table in vars(tables).items() if hasattr(table, "path")},
        "columns": recipe.data.columns.model_dump(),
        "task": None if inferred is None else inferred.to_dict(),
        "pair": pair,
        "max_length": recipe.max_length,
        "seed": recipe.seed,
    }

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.distill.teach import examine, take, teach

        if recipe.teacher.fine_tune:
            splits = read_splits(tables, inferred)
            options = train_options(recipe.teacher.training, recipe.seed)
            train, dev = splits.train.examples, splits.dev.examples
            report = teach(model, inferred, train, dev, out / "model", options, checkpoints, recipe.max_length)
            task = inferred
        else:
            task = take(model, inferred, out / "model", recipe.max_length, pair)
            report = examine(out / "model", read_splits(tables, task).dev.examples)
        return {"task": task.to_dict(), "report": report, **scores(out / "model", task, read_splits(tables, task))}

    stage = run.stage("teacher", inputs, ROOMS, TRAINING, work)
    task = task_from_dict(stage.result["task"])
    for warning in stage.result["report"].get("warnings", []):
        run.say(f"[yellow]! teacher: {warning}[/]")
    show_scores(run, "teacher", stage, task)
    return Taught(stage, task, read_splits(tables, task))


def training_inputs(training: Training) -> dict[str, Any]:
    """What of a training section decides its outcome: when checkpoints are written does not."""
    return training.model_dump(exclude={"checkpoint_seconds"})


def train_options(training: Training, seed: int):
    """The recipe's section as distill's own frozen options."""
    from pocketbert.distill.options import TrainOptions

    return TrainOptions(**training.model_dump(), seed=seed)


def scores(model: Path, task: Task, splits: Splits) -> dict[str, Any]:
    """{"metrics": split -> metrics, "size": …} of a model folder on dev and test; its dev outputs are kept beside it."""
    import numpy as np

    from pocketbert.distill.folders import read_classifier
    from pocketbert.distill.scoring import evaluate
    from pocketbert.tasks import targets_of

    found = {}
    for name, split in splits.named().items():
        if name != "train":
            outputs = evaluate(model, split.examples)
            found[name] = task.metrics(outputs, targets_of(split.examples))
            np.save(model.parent / f"{name}_outputs.npy", outputs)
    network = read_classifier(model).model
    shape = {key: getattr(network.config, key, None) for key in ("num_hidden_layers", "hidden_size", "num_attention_heads")}
    return {"metrics": found, "parameters": network.num_parameters(), "shape": shape}


def show_scores(run: RunFolder, name: str, stage: StageResult, task: Task) -> None:
    """One line: the metric on each split."""
    figures = ", ".join(f"{split} {metrics[task.metric]:.4f}" for split, metrics in stage.result["metrics"].items())
    run.say(f"  {name}: {task.metric} {figures}, {stage.result['parameters'] / 1e6:.1f} M parameters")
