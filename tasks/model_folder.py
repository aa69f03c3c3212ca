"""What a Hugging Face model folder says of itself: its task, its longest input, its licence.

Configurations are taken as transformers has them, by attribute; nothing of transformers is imported.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from pocketbert.tasks import Classification, Regression, Task, task_from_dict
from pocketbert.tasks.errors import UserError

TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model")


def entry_of(config: Any, source: str | Path) -> dict[str, Any]:
    """The entry `pocketbert` of config.json ({"task", "max_length"}); empty for folders that others made.

    Raises:
        UserError: an entry that this project did not write.
    """
    found = getattr(config, "pocketbert", None)
    if found is None:
        return {}
    if not isinstance(found, dict) or not isinstance(found.get("task", {}), dict):
        raise UserError(f'{source}: the entry "pocketbert" of config.json must be an object with the keys task and max_length.')
    length = found.get("max_length")
    if length is not None and (not isinstance(length, int) or isinstance(length, bool) or length < 2):
        raise UserError(f'{source}: "max_length" of the entry "pocketbert" in config.json must be a whole number from 2 on.')
    return found


def check_tokenizer(folder: Path | str) -> None:
    """Raises a UserError where a folder has no tokenizer's files: transformers makes an empty one then, and says nothing."""
    place = Path(folder)
    if place.is_dir() and not any((place / name).is_file() for name in TOKENIZER_FILES):
        raise UserError(f"{folder}: has no tokenizer.json; the files of the model's tokenizer belong beside its config.json.")


def task_of(config: Any, source: str | Path, pair: bool | None = None) -> Task:
    """The task of a fine-tuned model: its `pocketbert` entry, else what problem_type, num_labels and id2label say.

    Args:
        config: a PreTrainedConfig.
        source: the folder or id, for errors.
        pair: whether it takes pairs of texts; None: as its entry says, else single texts.

    Raises:
        UserError: a kind of task that is not supported, labels that no task can have, or a pair where it takes single texts.
    """
    entry = entry_of(config, source)
    try:
        task = task_from_dict(entry["task"]) if "task" in entry else _task_of_head(config, bool(pair))
    except UserError as error:
        raise UserError(f"{source}, config.json: {error}") from None
    if pair is not None and pair != task.pair:
        raise UserError(f"{source}: the model was made for {'pairs of texts' if task.pair else 'single texts'}.")
    return task


def _task_of_head(config: Any, pair: bool) -> Task:
    if config.problem_type == "multi_label_classification":
        raise UserError("the model is a multi-label classifier; classification (one label) and regression are supported.")
    if config.num_labels == 1:
        return Regression(pair=pair)  # its range is known to nobody here
    if config.problem_type == "regression":
        raise UserError(f"the model is a regression with {config.num_labels} values; one is supported.")
    missing = [i for i in range(config.num_labels) if i not in config.id2label]
    if missing:
        raise UserError(f"id2label has no label for column {missing[0]} of {config.num_labels}.")
    return Classification(tuple(str(config.id2label[i]).strip() for i in range(config.num_labels)), pair)


def licence_of_model(folder: Path | str) -> str | None:
    """The `license` that README.md's front matter or config.json names; None where neither does, or for a hub id."""
    found = front_matter(Path(folder) / "README.md").get("license") or _config(Path(folder)).get("license")
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found) if found else None


def front_matter(card: Path) -> dict[str, Any]:
    """The YAML at the top of a card; empty where there is none, or where it cannot be read."""
    from huggingface_hub.repocard import metadata_load  # late: it brings an HTTP client

    try:
        return metadata_load(card) or {}
    except (OSError, ValueError, yaml.YAMLError):
        return {}


def _config(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
