"""A Hugging Face folder as export takes it: ours from `distill`, or any fine-tuned BERT-type classifier."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel
from transformers.utils import logging as transformers_logging

from pocketbert.tasks import Classification, Regression, Task, UserError, task_from_dict

DEFAULT_MAX_LENGTH = 128  # where neither the user nor the model folder says one: what GLUE-type models are trained at


@dataclass(frozen=True)
class Source:
    """Everything of a model folder that an artifact is made of.

    Args:
        name: what the file and its provenance call the model: the folder's name, never its path.
        model: in eval mode, float32.
        tokenizer_json: the text of the fast tokenizer.
        task: what its logits mean.
        max_length: the longest text in tokens.
        weights_sha256: of the parameters' bytes by name.
        licence: of the model, where its card says one.
    """

    name: str
    model: PreTrainedModel
    tokenizer_json: str
    task: Task
    max_length: int
    weights_sha256: str
    licence: str | None


def load_source(model: str | Path, max_length: int | None = None, pair: bool | None = None) -> Source:
    """Loads a model folder (or a hub id, where the network allows it).

    Args:
        model: folder or id of a sequence classifier.
        max_length: the longest text in tokens; None takes the folder's own word, else 128.
        pair: whether it takes sentence pairs, for models that do not say it themselves.

    Raises:
        UserError: no such model, damaged files, no classifier head, no fast tokenizer, a vocabulary that does not fit the
            embedding, an entry "pocketbert" in config.json that is not ours, weights that are not finite.
    """
    network, tokenizer = _load(str(model))
    known = _entry(model, network)
    try:
        task = task_from_dict(known["task"]) if "task" in known else _task_of(network, bool(pair))
    except UserError as error:
        raise UserError(f"{model}, config.json: {error}") from None
    if pair is not None and pair != task.pair:
        raise UserError(f"{model}: the model was made for {'pairs of texts' if task.pair else 'single texts'}.")
    rows = network.get_input_embeddings().num_embeddings
    if len(tokenizer) > rows:
        raise UserError(
            f"{model}: the tokenizer has {len(tokenizer)} tokens and the embedding only {rows} rows; "
            "they do not belong together (or the embedding must be resized and trained)."
        )
    length = max_length or known.get("max_length") or min(tokenizer.model_max_length, DEFAULT_MAX_LENGTH)
    return Source(
        name=Path(str(model)).resolve().name if Path(str(model)).exists() else str(model).rpartition("/")[2],
        model=network,
        tokenizer_json=tokenizer.backend_tokenizer.to_str(),
        task=task,
        max_length=length,
        weights_sha256=_weights_sha256(model, network),
        licence=_licence(Path(str(model))),
    )


def takes_token_types(model: nn.Module) -> bool:
    """Whether a classifier is to be given them: one without has no use for them, one with a single row fails on a 1."""
    # DistilBERT has none, whatever its config says
    return getattr(model.config, "type_vocab_size", 0) > 1 and model.config.model_type != "distilbert"


def _load(model: str) -> tuple[PreTrainedModel, object]:
    if Path(model).is_dir() and not (Path(model) / "config.json").is_file():
        raise UserError(f"{model}: has no config.json, so it is no Hugging Face model folder.")
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        network, report = AutoModelForSequenceClassification.from_pretrained(model, dtype=torch.float32, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(model)
    except Exception as error:  # what transformers, tokenizers and safetensors raise shares no base class
        raise UserError(f"{model}: cannot be loaded as a classifier: {_first_line(error)}") from None
    missing = sorted(report["missing_keys"])
    if missing:
        raise UserError(
            f"{model}: has no fine-tuned classifier: {', '.join(missing[:4])} would be random numbers. "
            "Fine-tune it first (`pocketbert teach`), or give the fine-tuned folder."
        )
    if not getattr(tokenizer, "is_fast", False):
        raise UserError(f"{model}: has no fast tokenizer (tokenizer.json), which the artifact carries.")
    return network.eval(), tokenizer


def _first_line(error: Exception) -> str:
    """Of its message; its type's name where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _entry(model: str | Path, network: PreTrainedModel) -> dict[str, object]:
    """What `distill` wrote into the folder's config.json; empty for other folders.

    Raises:
        UserError: an entry that it did not write.
    """
    found = getattr(network.config, "pocketbert", None)
    if found is None:
        return {}
    length = found.get("max_length") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("task", {}), dict):
        raise UserError(f'{model}: the entry "pocketbert" of config.json must be an object with the keys task and max_length.')
    if length is not None and (not isinstance(length, int) or isinstance(length, bool) or length < 2):
        raise UserError(f'{model}: "max_length" of the entry "pocketbert" in config.json must be a whole number from 2 on.')
    return found


def _task_of(network: PreTrainedModel, pair: bool) -> Task:
    config = network.config
    if config.problem_type == "multi_label_classification":
        raise UserError("the model is a multi-label classifier; classification (one label) and regression are supported.")
    if config.num_labels == 1:
        return Regression(pair=pair)  # its range is known to nobody here
    return Classification(tuple(str(config.id2label[i]).strip() for i in range(config.num_labels)), pair)


def _weights_sha256(model: str | Path, network: PreTrainedModel) -> str:
    digest = hashlib.sha256()
    for name, weight in sorted(network.state_dict().items()):
        if weight.is_floating_point() and not torch.isfinite(weight).all():
            raise UserError(f"{model}: the weights of {name} are not finite (NaN or infinity); the training broke.")
        digest.update(name.encode())
        digest.update(weight.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _licence(folder: Path) -> str | None:
    """`license:` of the card's front matter."""
    card = folder / "README.md"
    if not card.is_file():
        return None
    lines = card.read_text(encoding="utf-8", errors="replace").split("\n")
    if lines[0].strip() != "---":
        return None
    front = lines[1 : lines.index("---", 1)] if "---" in lines[1:] else []
    found = [line.partition(":")[2].strip() for line in front if line.startswith("license:")]
    return found[0] if found and found[0] else None


def config_text(source: Source) -> str:
    """The shape of the model in one line, for the provenance."""
    config = source.model.config
    names = ("model_type", "num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size", "vocab_size")
    return json.dumps({name: getattr(config, name, None) for name in names})
