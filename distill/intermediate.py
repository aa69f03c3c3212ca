"""First stage: the student's inner states follow the teacher's, before it learns any answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import PreTrainedModel

from pocketbert.distill.alignment import Alignment
from pocketbert.distill.disk import folder_fingerprint
from pocketbert.distill.folders import Classifier, read_classifier, write_classifier
from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.layer_map import layer_pairs
from pocketbert.distill.options import IntermediateOptions, PredictionOptions
from pocketbert.distill.precision import on_device
from pocketbert.distill.terms import Pairs, Term, described, terms_of
from pocketbert.distill.texts import encode, inputs_of, pad_id_of
from pocketbert.distill.training import Objective, Run, finish, train
from pocketbert.tasks import Example, UserError, fingerprint


class Intermediate(Objective):
    """The weighted sum of the losses on inner states (TinyBERT's are equations 7 to 9)."""

    def __init__(self, student: PreTrainedModel, teacher: PreTrainedModel, terms: dict[str, tuple[float, Term]]) -> None:
        super().__init__()
        self.student = student
        self.alignment = Alignment(student, teacher, terms)

    def forward(self, **batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        with self.alignment.watch() as seen:
            self.student.base_model(**inputs_of(self.student, batch))
        return self.alignment(seen, batch)


def intermediate(
    teacher: Path,
    student: Path,
    train_set: Sequence[Example],
    out: Path,
    options: IntermediateOptions,
    checkpoints: Path,
    stage: str = "distill intermediate",
    then: float = 0.0,
) -> dict:
    """Trains the folder `student` into `out`; labels are not looked at, and the projections are dropped.

    Args:
        teacher, student: model folders.
        train_set: labelled or not.
        out: written whole at the end.
        options: nothing in its training on "auto".
        checkpoints: a folder of this run's own; what is there of the same run is gone on from.
        stage: what the progress bar calls it.
        then: seconds planned for what comes after; only shown.

    Returns:
        What `train` returns, and "layers": the matched [student, teacher] pairs.

    Raises:
        UserError: the two do not fit (vocabulary, layers, a loss), or data or disk do not allow it.
    """
    if not train_set:
        raise UserError("the training data is empty.")
    taught, learning = read_classifier(teacher), read_classifier(student)
    check_pair(taught, learning)
    training = options.training.settled(stage)
    pairs, terms = aligned_by(options, taught, learning, training.seed)
    if training.freeze_embeddings:
        freeze_embeddings(learning.model)
    rows = encode(learning.tokenizer, train_set, learning.max_length).rows
    objective = Intermediate(learning.model, on_device(taught.model), terms)
    identity = {
        "stage": "intermediate",
        "teacher": folder_fingerprint(teacher),
        "student": folder_fingerprint(student),
        "train": fingerprint(train_set),
        "layers": pairs,
        "losses": described(options.losses),
    }
    run = Run(stage, training, checkpoints, identity, pad_id_of(learning.tokenizer), then)
    report = train(objective, rows, run, None)
    write_classifier(learning.model, learning.tokenizer, learning.task, learning.max_length, out)
    finish(run)
    return report | {"layers": [list(pair) for pair in pairs]}


def aligned_by(
    options: IntermediateOptions | PredictionOptions, teacher: Classifier, student: Classifier, seed: int
) -> tuple[Pairs, dict[str, tuple[float, Term]]]:
    """The layers that a stage's options match, and its losses on inner states, their new weights drawn from `seed`.

    Raises:
        UserError: layers or losses do not fit these models; nothing has been trained by then.
    """
    configs = student.model.config, teacher.model.config
    pairs = layer_pairs(options.layer_map, *(config.num_hidden_layers for config in configs))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return pairs, terms_of(options.losses, *configs, pairs)


def check_pair(teacher: Classifier, student: Classifier) -> None:
    """Raises a UserError where teacher and student would not read the same ids or mean other things by their logits."""
    if teacher.tokenizer.get_vocab() != student.tokenizer.get_vocab():
        raise UserError("teacher and student have different vocabularies; make the student from this teacher.")
    if teacher.task.to_dict() != student.task.to_dict():
        raise UserError(f"teacher and student have different tasks: {teacher.task} and {student.task}.")
    if student.max_length > teacher.max_length:
        raise UserError(f"the student's max_length {student.max_length} is more than the teacher's {teacher.max_length}.")
