"""Logits of a classifier over many texts, and its score on the dev set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from pocketbert.distill.folders import read_classifier
from pocketbert.distill.precision import autocast, on_device
from pocketbert.distill.texts import collator, encode, inputs_of, pad_id_of
from pocketbert.tasks import Example, Task, UserError, targets_of
from pocketbert.tasks.batches import shortest_first

# Inference holds no gradients: a larger batch than training's costs no memory that matters, and fills two cores.
BATCH = 64


@dataclass(frozen=True)
class Dev:
    """What a model is scored on: tokenized rows, their targets (rows,) and the task that says what the score is."""

    rows: list[dict]
    targets: np.ndarray
    task: Task

    often = False  # where the best weights are kept, several times in a run; elsewhere at its end

    @property
    def metric(self) -> str:
        """The name of the score that counts."""
        return self.task.metric

    def watch(self, objective: Any, pad_id: int, bf16: bool = False) -> dict[str, float]:
        """`score` of an objective's student."""
        return self.score(objective.student, pad_id, bf16)

    def score(self, model: PreTrainedModel, pad_id: int, bf16: bool = False) -> dict[str, float]:
        return self.task.metrics(logits_of(model, self.rows, pad_id, bf16), self.targets)


def evaluate(folder: Path | str, examples: Sequence[Example]) -> np.ndarray:
    """Logits of a model folder, float32 (rows, outputs), in the order of `examples`; for regression its values, (rows, 1).

    Raises:
        UserError: the folder cannot be loaded, there are no examples, or a logit is not finite (the row is named).
    """
    if not examples:
        raise UserError(f"{folder}: nothing to evaluate, the data is empty.")
    found = read_classifier(Path(folder))
    rows = encode(found.tokenizer, examples, found.max_length).rows
    logits = logits_of(on_device(found.model), rows, pad_id_of(found.tokenizer))
    check_finite(logits, examples, str(folder))
    return logits


def logits_of(model: PreTrainedModel, rows: list[dict], pad_id: int, bf16: bool = False) -> np.ndarray:
    """Logits of tokenized rows, float32 (rows, outputs), in their order.

    The model is put in eval mode and left there; nothing is drawn from a random generator, so that scoring within a
    training run does not change it.
    """
    model.eval()
    collate = collator(pad_id)

    def run(chosen: list[int]) -> np.ndarray:
        batch = {name: tensor.to(model.device) for name, tensor in collate([rows[i] for i in chosen]).items()}
        return model(**inputs_of(model, batch)).logits.float().cpu().numpy()  # (batch, outputs)

    with torch.inference_mode(), autocast(model.device, bf16):
        return shortest_first([len(row["input_ids"]) for row in rows], BATCH, run)


def check_finite(logits: np.ndarray, examples: Sequence[Example], name: str) -> None:
    """Raises a UserError that names the first row whose logits are not finite."""
    broken = np.flatnonzero(~np.isfinite(logits).all(1))
    if len(broken):
        example = examples[broken[0]]
        raise UserError(
            f"{name}: its output is not a finite number for {len(broken)} of {len(logits)} rows, first in row {example.row} "
            f"({example.texts[0][:60]!r}); the model is broken, or overflowed when it was saved in half precision."
        )


def dev_of(examples: Sequence[Example], rows: list[dict], task: Task) -> Dev | None:
    """A `Dev`, or None where there are no examples."""
    return Dev(rows, targets_of(list(examples)), task) if examples else None
