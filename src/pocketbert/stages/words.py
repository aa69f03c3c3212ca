"""A bag of words on the recipe's data: what a transformer has to beat to be worth its size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.teach import Taught

MODULES = ("pocketbert.distill.bag_of_words",)
LIBRARIES = ("scikit-learn", "numpy")


def words_stage(run: RunFolder, taught: Taught) -> StageResult:
    """Runs the stage `words`; its dev outputs are kept as the models' are."""
    task, splits = taught.task, taught.splits

    def work(out: Path, _: Path) -> dict[str, Any]:
        import numpy as np

        from pocketbert.distill.bag_of_words import bag_of_words
        from pocketbert.tasks import targets_of

        scored = {name: split.examples for name, split in splits.named().items() if name != "train"}
        learnt = bag_of_words(task, splits.train.examples, scored)
        outputs = learnt["outputs"]
        for name, found in outputs.items():
            np.save(out / f"{name}_outputs.npy", found)
        metrics = {name: task.metrics(found, targets_of(scored[name])) for name, found in outputs.items()}
        return {"what": learnt["what"], "metrics": metrics}

    inputs = {name: split.fingerprint for name, split in splits.named().items()} | {"task": task.to_dict()}
    stage = run.stage("words", inputs, MODULES, LIBRARIES, work)
    figures = ", ".join(f"{split} {metrics[task.metric]:.4f}" for split, metrics in stage.result["metrics"].items())
    run.say(f"  bag of words: {task.metric} {figures}")
    return stage
