"""The teacher: fine-tuned on the recipe's data or taken as it is, and scored before anything is distilled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketbert.distill.options import Settled
from pocketbert.distill.plan import Plan, Planned
from pocketbert.distill.search import TRYING
from pocketbert.environment import TRAINING
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.data import Splits
from pocketbert.stages.ground import Ground
from pocketbert.stages.plan import choice_line, model_hash
from pocketbert.stages.scores import scores, trivial_score
from pocketbert.tasks import Task, task_from_dict

MODULES = ("pocketbert.distill.teach", "pocketbert.distill.find", "pocketbert.stages.scores")


@dataclass(frozen=True)
class Taught:
    """The finished stage, the data as the teacher's task reads it, and the longest text in tokens."""

    stage: StageResult
    task: Task
    splits: Splits
    max_length: int


def teach_stage(recipe: Recipe, run: RunFolder, ground: Ground, plan: Plan) -> Taught:
    """Runs the stage `teacher`.

    Raises:
        UserError: from the data or the model.
    """
    task, splits, max_length = ground.task, ground.splits, ground.max_length
    planned = plan.stages.get("teacher")
    inputs = {
        "training": None if planned is None else training_inputs(planned),
        "weights": model_hash(ground.model),
        "train": splits.train.fingerprint,
        "dev": splits.dev.fingerprint,
        "test": None if splits.test is None else splits.test.fingerprint,
        "task": task.to_dict(),
        "max_length": max_length,
    }

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.distill.find import train_with_search
        from pocketbert.distill.teach import examine, take, teach

        train, dev = splits.train.examples, splits.dev.examples
        if planned is None:
            take(ground.model, task, out / "model", max_length, task.pair)
            report: dict[str, Any] = {}
        else:

            began = time.monotonic()

            def run_once(options: Settled, model: Path, folder: Path, words: str) -> dict[str, Any]:
                then = seconds_left(plan, "teacher", words, began)
                return teach(ground.model, task, train, dev, model, options, folder, max_length, f"teacher{words}", then)

            report = train_with_search(
                run_once,
                planned.options,
                planned.search,
                planned.fall_back,
                planned.steps,
                task.metric,
                len(dev),
                trivial_score(task, splits),
                out / "model",
                checkpoints,
            )
        report |= examine(out / "model", dev, trained=planned is not None)
        return {"task": task.to_dict(), "report": report, **scores(out / "model", task, splits)}

    stage = run.stage("teacher", inputs, MODULES, TRAINING, work)
    task = task_from_dict(stage.result["task"])
    for warning in stage.result["report"].get("warnings", []):
        run.say(f"[yellow]! teacher: {warning}[/]")
    show_scores(run, "teacher", stage, task)
    return Taught(stage, task, splits, max_length)


def seconds_left(plan: Plan, name: str, words: str, began: float) -> float:
    """What the plan has behind a run.

    Args:
        plan: of the build.
        name: of the stage that the run belongs to.
        words: what the bar adds to that name.
        began: when the stage did, by `time.monotonic`.
    """
    return plan.after_trial(name, time.monotonic() - began) if words.startswith(TRYING) else plan.after(name)


def training_inputs(planned: Planned) -> dict[str, Any]:
    """What of a planned stage decides its outcome: when checkpoints are written does not."""
    from dataclasses import asdict

    options = {name: value for name, value in asdict(planned.options).items() if not name.startswith("checkpoint_")}
    search = None if planned.search is None else asdict(planned.search)
    return {"options": options, "search": search, "fall_back": planned.fall_back}


def show_scores(run: RunFolder, name: str, stage: StageResult, task: Task) -> None:
    """One line: the metric on each split; and what was chosen for it."""
    figures = ", ".join(f"{split} {metrics[task.metric]:.4f}" for split, metrics in stage.result["metrics"].items())
    run.say(f"  {name}: {task.metric} {figures}, {stage.result['parameters'] / 1e6:.1f} M parameters")
    for choice in stage.result["report"].get("choices", []):
        run.say(f"  {name}: {choice_line(choice)}")
