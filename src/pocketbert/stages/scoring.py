"""A sealed file's metrics, in the runtime that will run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pocketbert.tasks import Example, targets_of


def file_metrics(path: Path, examples: Sequence[Example]) -> dict[str, float]:
    """Its task's metrics on labelled examples, by name.

    Raises:
        UserError: the seal does not hold, or its runtime is missing or refuses a row.
    """
    import numpy as np

    from pocketbert.edge_export.artifact import open_artifact, start

    with start(open_artifact(path)) as session:
        artifact = session.artifact
        outputs = np.stack([session.run(artifact.encode(example.texts)) for example in examples])
        return artifact.task.metrics(outputs, targets_of(list(examples)))
