"""A Hugging Face folder as export takes it: ours from `distill`, or any fine-tuned BERT-type classifier."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from pocketbert.tasks import Task, UserError
from pocketbert.tasks.model_folder import check_tokenizer, entry_of, licence_of_model, task_of
from pocketbert.tasks.quiet import quiet

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
    task = task_of(network.config, model, pair)
    rows = word_rows(network)
    if len(tokenizer) > rows:
        raise UserError(
            f"{model}: the tokenizer has {len(tokenizer)} tokens and the embedding only {rows} rows; "
            "they do not belong together (or the embedding must be resized and trained)."
        )
    known = entry_of(network.config, model).get("max_length")
    length = max_length or known or min(tokenizer.model_max_length, DEFAULT_MAX_LENGTH)
    return Source(
        name=Path(str(model)).resolve().name if Path(str(model)).exists() else str(model).rpartition("/")[2],
        model=network,
        tokenizer_json=tokenizer.backend_tokenizer.to_str(),
        task=task,
        max_length=length,
        weights_sha256=_weights_sha256(model, network),
        licence=licence_of_model(model),
    )


def word_rows(model: PreTrainedModel) -> int:
    """Rows of the word table."""
    return cast(nn.Embedding, model.get_input_embeddings()).num_embeddings


def takes_token_types(model: PreTrainedModel) -> bool:
    """Whether a classifier is to be given them: one without has no use for them, one with a single row fails on a 1."""
    # DistilBERT has none, whatever its config says
    return getattr(model.config, "type_vocab_size", 0) > 1 and model.config.model_type != "distilbert"


def _load(model: str) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    if Path(model).is_dir() and not (Path(model) / "config.json").is_file():
        raise UserError(f"{model}: has no config.json, so it is not a Hugging Face model folder.")
    check_tokenizer(model)
    try:
        with quiet():
            network, report = AutoModelForSequenceClassification.from_pretrained(
                model, dtype=torch.float32, output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(model)
    except Exception as error:  # what transformers, tokenizers and safetensors raise shares no base class
        where = "" if Path(model).exists() else " (there is no such folder, and it was taken for a Hugging Face id)"
        raise UserError(f"{model}: cannot be loaded as a classifier{where}: {_first_line(error)}") from None
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


def _weights_sha256(model: str | Path, network: PreTrainedModel) -> str:
    digest = hashlib.sha256()
    for name, weight in sorted(network.state_dict().items()):
        if weight.is_floating_point() and not torch.isfinite(weight).all():
            raise UserError(f"{model}: the weights of {name} are not finite (NaN or infinity); the training broke.")
        digest.update(name.encode())
        digest.update(weight.contiguous().numpy().tobytes())
    return digest.hexdigest()


def config_text(source: Source) -> str:
    """The shape of the model in one line, for the provenance."""
    config = source.model.config
    names = ("model_type", "num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size", "vocab_size")
    return json.dumps({name: getattr(config, name, None) for name in names})
