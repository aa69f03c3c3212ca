"""What a trained model folder scores, and what a model that has learnt nothing would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.tasks import Task, targets_of

if TYPE_CHECKING:  # where the examples come from decides nothing
    import numpy as np

    from pocketbert.stages.data import Splits


def trivial_outputs(task: Task, splits: Splits) -> np.ndarray:
    """On dev, of a model that has learnt nothing but the training labels' frequencies: (rows, outputs)."""
    return task.trivial(targets_of(splits.train.examples), len(splits.dev.examples))


def trivial_score(task: Task, splits: Splits) -> float:
    """The dev metric of `trivial_outputs`."""
    return task.metrics(trivial_outputs(task, splits), targets_of(splits.dev.examples))[task.metric]


def scores(model: Path, task: Task, splits: Splits) -> dict[str, Any]:
    """{"metrics": split -> metrics, "parameters", "shape"} of a model folder; its outputs on dev and test are kept beside it."""
    import numpy as np

    from pocketbert.distill.capture import LAYOUTS
    from pocketbert.distill.feed_forward import neurons_of
    from pocketbert.distill.folders import read_classifier
    from pocketbert.distill.scoring import evaluate

    found = {}
    for name, split in splits.named().items():
        if name != "train":
            outputs = evaluate(model, split.examples)
            found[name] = task.metrics(outputs, targets_of(split.examples))
            np.save(model.parent / f"{name}_outputs.npy", outputs)
    network = read_classifier(model).model
    shape = {key: getattr(network.config, key, None) for key in ("num_hidden_layers", "hidden_size", "num_attention_heads")}
    shape["feed_forward"] = neurons_of(network.config) if network.config.model_type in LAYOUTS else None
    return {"metrics": found, "parameters": network.num_parameters(), "shape": shape}
