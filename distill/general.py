"""General distillation: on plain text, before any task, the student's inner states follow those of an encoder."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import AutoModel, PreTrainedModel

from pocketbert.distill.auto import total_steps
from pocketbert.distill.disk import folder_fingerprint
from pocketbert.distill.folders import check_fit, read_config, read_tokenizer, write_folder
from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.intermediate import Intermediate
from pocketbert.distill.layer_map import layer_pairs
from pocketbert.distill.options import AUTO, GeneralOptions, Settled
from pocketbert.distill.precision import autocast, device, on_device, use_bf16
from pocketbert.distill.processes import agreed, processes
from pocketbert.distill.shards import Shards, open_shards
from pocketbert.distill.terms import described, terms_of
from pocketbert.distill.texts import collator, pad_id_of
from pocketbert.distill.training import Run, finish, train
from pocketbert.tasks import UserError
from pocketbert.tasks.files import write_file
from pocketbert.tasks.quiet import quiet

BATCH = 32  # sequences of held-out text at a time
TIMED = 4  # steps, from the start of the corpus to its end
MOST_HELD_OUT = 512  # sequences: the loss is known to a percent or two


@dataclass(frozen=True)
class HeldOut:
    """The loss on text that is not trained on."""

    rows: Shards
    metric = "held_out"
    often = True

    def watch(self, objective: Any, pad_id: int, bf16: bool = False) -> dict[str, float]:
        """Mean over batches, weighted by their sequences; the student runs without dropout."""
        objective.student.eval()
        where, collate = next(objective.student.parameters()).device, collator(pad_id)
        count, total = min(len(self.rows), MOST_HELD_OUT), 0.0
        with torch.no_grad(), autocast(where, bf16):
            for start in range(0, count, BATCH):
                some = [self.rows[i] for i in range(start, min(start + BATCH, count))]
                batch = {name: tensor.to(where) for name, tensor in collate(some).items()}
                total += float(objective(**batch)[0]) * len(some)
        return {self.metric: total / max(count, 1)}


@dataclass(frozen=True)
class Whole:
    """The sequences that fill whole batches: a last batch with fewer would weigh them more."""

    rows: Shards
    count: int

    @property
    def lengths(self) -> Any:
        return self.rows.lengths[: self.count]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.rows[index]


def general(
    teacher: Path | str,
    student: Path,
    corpus: Path,
    out: Path,
    options: GeneralOptions,
    checkpoints: Path,
    stage: str = "general",
    then: float = 0.0,
    say: Callable[[str], None] = lambda line: None,
) -> dict:
    """Trains the encoder in `student` into `out`, a plain Hugging Face folder that `student.layers_from` takes.

    Args:
        teacher: an encoder: a folder or hub id.
        student: an encoder's folder, with the teacher's vocabulary.
        corpus: a folder that `shards.write_shards` filled.
        out: written whole at the end.
        options: nothing in its training on "auto".
        checkpoints: a folder of this run's own; what is there of the same run is gone on from.
        stage: what the progress bar calls it.
        then: seconds planned for what comes after; only shown.
        say: shows a line; says how long it is going to take, by a few steps.

    Returns:
        What `train` returns, and "layers": the matched [student, teacher] pairs.

    Raises:
        UserError: the two do not fit, or corpus or disk do not allow it.

    Reference:
        TinyBERT (arXiv 1909.10351), section 3.2: the losses on inner states alone, no prediction loss.

    Differences from the reference code:
        The teacher is in eval mode. Sequences keep to one document and are batched by length, so that no padding counts.
    """
    training = options.training.settled(stage)
    tokenizer = read_tokenizer(student)
    if read_tokenizer(teacher).get_vocab() != tokenizer.get_vocab():
        raise UserError("teacher and student have different vocabularies; make the student from this teacher.")
    taught, learning = _encoder(teacher), _encoder(student)
    configs = learning.config, taught.config
    for config, source in zip(configs, (student, teacher), strict=True):
        check_fit(config, tokenizer, options.max_length, source)
    pairs = layer_pairs(options.layer_map, *(config.num_hidden_layers for config in configs))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        terms = terms_of(options.losses, *configs, pairs)
    if training.freeze_embeddings:
        freeze_embeddings(learning)
    rows, held = open_shards(corpus), open_shards(corpus, "held-out")
    together = processes().num_processes
    if training.batch_size % together:
        raise UserError(f"{stage}: batch_size {training.batch_size} cannot be shared by {together} processes; give a multiple.")
    count = len(rows) // training.batch_size * training.batch_size
    if not count:
        raise UserError(f"{stage}: the corpus has {len(rows)} sequences, and a batch {training.batch_size}; give more text.")
    identity = {
        "stage": "general",
        "teacher": folder_fingerprint(Path(teacher)) if Path(teacher).is_dir() else str(teacher),
        "student": folder_fingerprint(student),
        "corpus": (corpus / "corpus.json").read_text(encoding="utf-8"),
        "layers": pairs,
        "losses": described(options.losses),
    }
    objective, whole, pad_id = Intermediate(learning, on_device(taught), terms), Whole(rows, count), pad_id_of(tokenizer)
    size = training.batch_size // together
    seconds = {bf16: _step_seconds(objective, whole, size, pad_id, bf16) for bf16 in _precisions(training)}
    training = replace(training, precision=_faster(seconds, checkpoints / "precision"))
    run = Run(stage, training, checkpoints, identity, pad_id, then)
    steps, step = total_steps(count, training), seconds.get(training.precision == "bf16", min(seconds.values()))
    say(f"general: {steps:,} steps of {training.batch_size} sequences in {training.precision}, about {steps * step / 60:.0f} min")
    report = train(objective, whole, run, HeldOut(held) if len(held) else None)
    learning.config.pocketbert_general = {"steps": report["steps"]}
    if processes().is_main_process:
        write_folder(learning, tokenizer, out)
    finish(run)
    return report | {"layers": [list(pair) for pair in pairs]}


def _precisions(training: Settled) -> tuple[bool, ...]:
    """Whether in bfloat16: both where nobody said it and the processor can."""
    return (False, True) if training.precision == AUTO and use_bf16(AUTO, device()) else (use_bf16(training.precision, device()),)


def _faster(seconds: dict[bool, float], kept: Path) -> Literal["bf16", "fp32"]:
    """The precision whose step took less time, for all processes; once chosen it stays, since a resumed run must go on in it."""
    if len(seconds) == 1:
        return "bf16" if seconds.get(True) else "fp32"
    if kept.is_file():
        return "bf16" if kept.read_text(encoding="utf-8") == "bf16" else "fp32"
    faster: Literal["bf16", "fp32"] = "bf16" if agreed(seconds[True] < seconds[False]) else "fp32"
    if processes().is_main_process:
        write_file(kept, faster.encode())
    return faster


def _step_seconds(objective: Intermediate, rows: Whole, size: int, pad_id: int, bf16: bool) -> float:
    """Forward and backward of a batch, without the optimiser's part; nothing is changed, and nothing drawn."""
    where, collate = device(), collator(pad_id)
    objective.to(where).student.train()
    spent = []
    with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
        for index in range(1 + TIMED):
            at = index * (len(rows) - size) // TIMED
            batch = {name: tensor.to(where) for name, tensor in collate([rows[at + i] for i in range(size)]).items()}
            began = time.monotonic()
            with autocast(where, bf16):
                loss, _ = objective(**batch)
            loss.backward()
            float(loss.detach())  # a GPU answers when it is done
            spent.append(time.monotonic() - began)
    objective.zero_grad()
    return statistics.median(spent[1:])  # the first also warms up


def _encoder(source: Path | str) -> PreTrainedModel:
    read_config(source)  # a clear error for what is no model folder
    with quiet():
        return AutoModel.from_pretrained(str(source), dtype=torch.float32).eval()
