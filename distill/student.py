"""The student: a named shape with random weights, or some of the layers of a model that is already trained."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from transformers import AutoModel, AutoModelForSequenceClassification, BertConfig, PreTrainedConfig, PreTrainedModel

from pocketbert.distill.capture import kept_layers, layout_of
from pocketbert.distill.feed_forward import keep_most_active
from pocketbert.distill.folders import check_fit, read_config, read_tokenizer, write_classifier, write_folder
from pocketbert.distill.head import start_head
from pocketbert.distill.texts import pad_id_of
from pocketbert.tasks import Classification, Example, Task, UserError
from pocketbert.tasks.quiet import quiet


@dataclass(frozen=True)
class NewShape:
    """A BERT with random weights: it needs a general stage or much data before it is good."""

    layers: int
    """How many encoder layers."""
    hidden: int
    """Width of the hidden states; a multiple of `heads`."""
    heads: int
    """Attention heads; the attention loss needs as many as the teacher has."""
    intermediate: int
    """Width of the feed-forward layers."""
    dropout: float = 0.1
    """Of hidden states and attention, while training."""


@dataclass(frozen=True)
class TeacherLayers:
    """Some layers of a trained model, with its embeddings and pooler: needs no general stage."""

    layers: tuple[int, ...]
    """Which, counted from 0, in order."""
    source: str | None = None
    """Folder or hub id to take them from (a bare encoder will do); None: the teacher."""
    dropout: float | None = None
    """While training; None: the source's own."""
    feed_forward: int | None = None
    """How many of each layer's feed-forward neurons stay, the most active ones on the texts; None: all."""


StudentShape = NewShape | TeacherLayers

PRESETS = {
    "tinybert-4l-312": NewShape(4, 312, 12, 1200),  # arXiv 1909.10351, section 4.1
    "tinybert-6l-768": NewShape(6, 768, 12, 3072),
}


def preset(name: str) -> NewShape:
    """A shape by name.

    Raises:
        UserError: there is none of this name.
    """
    if name not in PRESETS:
        raise UserError(f'unknown student preset "{name}"; use one of {", ".join(PRESETS)}, or teacher-layers with layers.')
    return PRESETS[name]


def build_student(
    teacher: Path | str, shape: StudentShape, task: Task, max_length: int, seed: int, examples: Sequence[Example] = ()
) -> PreTrainedModel:
    """An untrained (or only layer-copied) student with a new head for the task.

    Args:
        teacher: the teacher's folder or hub id; the student has its vocabulary.
        shape: what to build.
        task: how wide the head is.
        max_length: longest input in tokens.
        seed: of the random weights; the global generator is left as it was.
        examples: of the task; which feed-forward neurons stay is seen on their texts.

    Raises:
        UserError: the shape is impossible, or its vocabulary is not the teacher's.
    """
    tokenizer = read_tokenizer(teacher)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if isinstance(shape, NewShape):
            model = _new(read_config(teacher), pad_id_of(tokenizer), shape, task)
        else:
            model = _from_layers(teacher, tokenizer.get_vocab(), shape, task)
    start_head(model, task)
    check_fit(model.config, tokenizer, max_length, "the student")
    if isinstance(shape, TeacherLayers) and shape.feed_forward is not None:
        keep_most_active(model, shape.feed_forward, tokenizer, examples, max_length)
    return model.eval()


def write_student(
    teacher: Path | str,
    shape: StudentShape,
    task: Task,
    max_length: int,
    seed: int,
    out: Path,
    examples: Sequence[Example] = (),
) -> PreTrainedModel:
    """`build_student`, written to the folder `out` with the teacher's tokenizer; returns it too."""
    model = build_student(teacher, shape, task, max_length, seed, examples)
    write_classifier(model, read_tokenizer(teacher), task, max_length, out)
    return model


def write_encoder(teacher: Path | str, shape: StudentShape, max_length: int, seed: int, out: Path) -> None:
    """An untrained (or only layer-copied) encoder without a head, in the folder `out`, with the teacher's tokenizer."""
    no_task = Classification(("0", "1"))  # the head is left behind
    model, tokenizer = build_student(teacher, shape, no_task, max_length, seed), read_tokenizer(teacher)
    encoder = cast(PreTrainedModel, model.base_model)
    encoder.config.pocketbert_general = {}
    write_folder(encoder, tokenizer, out)


def _new(teacher: PreTrainedConfig, pad_id: int, shape: NewShape, task: Task) -> PreTrainedModel:
    if min(shape.layers, shape.hidden, shape.heads, shape.intermediate) < 1 or shape.hidden % shape.heads:
        raise UserError(
            f"student shape: {shape.layers} layers of width {shape.hidden} with {shape.heads} heads and feed-forward "
            f"{shape.intermediate}: all must be above zero, and the width a multiple of the heads."
        )
    config = BertConfig(
        vocab_size=teacher.vocab_size,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.intermediate,
        hidden_dropout_prob=shape.dropout,
        attention_probs_dropout_prob=shape.dropout,
        pad_token_id=pad_id,
    )
    config.num_labels = task.outputs
    return AutoModelForSequenceClassification.from_config(config)


def _from_layers(teacher: Path | str, vocabulary: dict[str, int], shape: TeacherLayers, task: Task) -> PreTrainedModel:
    source = shape.source or teacher
    if shape.source and read_tokenizer(shape.source).get_vocab() != vocabulary:
        raise UserError(f"{shape.source}: its vocabulary is not the teacher's, and the student must read the teacher's ids.")
    config = read_config(source)
    wrong = [layer for layer in shape.layers if not 0 <= layer < config.num_hidden_layers]
    if wrong or not shape.layers:
        raise UserError(f"student layers {list(shape.layers)}: {source} has layers 0 to {config.num_hidden_layers - 1}.")
    if len(set(shape.layers)) < len(shape.layers):
        there = f"each of the {config.num_hidden_layers} layers of {source} can be taken once"
        raise UserError(f"student layers {list(shape.layers)}: {there}; ask for other layers, or for fewer.")
    with quiet():
        encoder = AutoModel.from_pretrained(str(source), dtype=torch.float32)
    layout_of(config)
    config = copy.deepcopy(config)
    config.num_hidden_layers = len(shape.layers)
    config.num_labels = task.outputs
    config.dtype = "float32"
    if shape.dropout is not None:
        _set_dropout(config, shape.dropout)
    student = AutoModelForSequenceClassification.from_config(config)
    kept = kept_layers(encoder.state_dict(), shape.layers)
    wanted = student.base_model.state_dict()  # some families put their pooler into the head: it is not asked for then
    student.base_model.load_state_dict({name: kept[name] for name in wanted})
    return student


def _set_dropout(config: PreTrainedConfig, dropout: float) -> None:
    # The families name it differently.
    for name in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, dropout)
