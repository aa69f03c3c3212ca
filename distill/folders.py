"""Hugging Face model folders: read with checks, written with the `pocketbert` entry."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from pocketbert.distill.disk import new_folder
from pocketbert.tasks import Task, UserError
from pocketbert.tasks.model_folder import check_tokenizer, entry_of, task_of
from pocketbert.tasks.quiet import quiet

# Position 0 of these models stands after their padding index, so two rows of the table hold no position.
OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert")


@dataclass(frozen=True)
class Classifier:
    """A model folder in memory.

    Args:
        model: in eval mode, float32.
        tokenizer: its own.
        task: what the logits mean.
        max_length: longest input in tokens that it was made for.
        missing: names of weights that the folder did not have and that are therefore random.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    task: Task
    max_length: int
    missing: tuple[str, ...] = ()


def read_config(source: str | Path) -> PreTrainedConfig:
    """config.json of a folder or hub id."""
    with quiet(), _loading(source):
        return AutoConfig.from_pretrained(str(source))


def read_tokenizer(source: str | Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a folder or hub id; only those with a tokenizer.json (or convertible to one) can go on a device."""
    check_tokenizer(source)
    with quiet(), _loading(source):
        tokenizer = AutoTokenizer.from_pretrained(str(source))
    if not tokenizer.is_fast:
        raise UserError(f"{source}: its tokenizer has no tokenizer.json; only fast tokenizers can be sealed into a file.")
    if tokenizer.pad_token_id is None:
        raise UserError(f"{source}: its tokenizer has no padding token, and batches need one.")
    return tokenizer


def read_classifier(source: str | Path, task: Task | None = None, max_length: int | None = None) -> Classifier:
    """Loads a classifier; a new head is made where the source is a bare encoder and `task` says how wide.

    Args:
        source: a folder or hub id.
        task: None: the folder's own.
        max_length: None: the folder's own.

    Raises:
        UserError: it cannot be loaded, or its tokenizer, lengths or head do not fit.
    """
    config = read_config(source)
    task = task or task_of(config, source)
    tokenizer = read_tokenizer(source)
    length: int = max_length or entry_of(config, source).get("max_length") or position_limit(config)
    check_fit(config, tokenizer, length, source)
    with quiet(), _loading(source):
        model, info = AutoModelForSequenceClassification.from_pretrained(
            str(source),
            num_labels=task.outputs,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    mismatched = {key[0] if isinstance(key, tuple) else key for key in info["mismatched_keys"]}
    return Classifier(model.eval(), tokenizer, task, length, tuple(sorted(set(info["missing_keys"]) | mismatched)))


def position_limit(config: PreTrainedConfig) -> int:
    """The longest input in tokens that the model's position table has rows for."""
    rows = config.max_position_embeddings
    return rows - config.pad_token_id - 1 if config.model_type in OFFSET_POSITIONS else rows


def check_fit(config: PreTrainedConfig, tokenizer: PreTrainedTokenizerFast, max_length: int, source: str | Path) -> None:
    """Raises a UserError where the vocabulary or the length do not fit the model's tables."""
    largest = max(tokenizer.get_vocab().values())
    if largest >= config.vocab_size:
        raise UserError(
            f"{source}: the tokenizer has ids up to {largest}, and the model's embedding has {config.vocab_size} rows; "
            "tokenizer and model do not belong together."
        )
    if max_length > position_limit(config):
        raise UserError(
            f"max_length {max_length}: the position table of {source} ends at {position_limit(config)} tokens; "
            f"use {position_limit(config)} or less."
        )
    if max_length < 4:
        raise UserError(f"max_length {max_length}: leaves no room for a text between the special tokens.")


def write_classifier(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, task: Task, max_length: int, out: Path) -> None:
    """Writes what `AutoModelForSequenceClassification.from_pretrained` reads, whole or not at all.

    config.json gets id2label and the key `pocketbert` ({"task", "max_length"}) for what Hugging Face has no word for.
    """
    config = model.config
    config.id2label = dict(enumerate(task.labels))
    config.label2id = {label: i for i, label in enumerate(task.labels)}
    config.problem_type = "regression" if task.kind == "regression" else "single_label_classification"
    config.pocketbert = {"task": task.to_dict(), "max_length": max_length}
    write_folder(model, tokenizer, out)


def write_folder(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """Writes a model with its tokenizer, whole or not at all; a key of ours in its config says that it may be replaced."""
    tokenizer.backend_tokenizer.no_truncation()  # encoding leaves its limits in the tokenizer, and saving would keep them
    tokenizer.backend_tokenizer.no_padding()
    with new_folder(out) as folder, quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


class _loading:
    """Turns what transformers raises for a source that it cannot load into a UserError that names it."""

    def __init__(self, source: str | Path) -> None:
        self.source = source

    def __enter__(self) -> None:
        if isinstance(self.source, Path) and not (self.source / "config.json").is_file():
            raise UserError(f"{self.source}: no model folder there (it has no config.json).")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, UserError):
            return
        offline = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE")
        hint = "the hub is switched off (HF_HUB_OFFLINE)" if offline else "no such folder, or the hub cannot be reached"
        reason = hint if isinstance(error, OSError) and not Path(self.source).exists() else str(error).strip().split("\n")[0]
        raise UserError(f"{self.source}: cannot be loaded ({reason}). Give a model folder or a Hugging Face id.") from error
