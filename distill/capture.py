"""Attention scores and hidden states of a model as it runs, taken by forward hooks: no model is edited, SDPA stays on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn
from transformers import PreTrainedModel

from pocketbert.tasks import UserError


@dataclass(frozen=True)
class Layout:
    """Where a family of models keeps what is hooked, as paths below its base model."""

    embeddings: str
    layers: str
    query: str
    key: str


BERT = Layout("embeddings", "encoder.layer", "attention.self.query", "attention.self.key")
DISTILBERT = Layout("embeddings", "transformer.layer", "attention.q_lin", "attention.k_lin")
LAYOUTS = {
    "bert": BERT,
    "electra": BERT,
    "roberta": BERT,
    "xlm-roberta": BERT,
    "camembert": BERT,
    "distilbert": DISTILBERT,
}


@dataclass(frozen=True)
class Captured:
    """What one forward pass left.

    Args:
        embeddings: (batch, tokens, hidden), what enters the first layer.
        hidden: layer -> its output, (batch, tokens, hidden).
        scores: layer -> attention scores before softmax, QK^T / sqrt(head size), (batch, heads, tokens, tokens), float32.
    """

    embeddings: torch.Tensor
    hidden: dict[int, torch.Tensor]
    scores: dict[int, torch.Tensor]


class Capture:
    """Hooks on a model; `take` gives what the last forward pass left and forgets it.

    Args:
        model: any model of a family in LAYOUTS.
        layers: the layers (from 0) whose outputs and, with `with_scores`, attention scores are wanted.
        with_scores: False saves the work where nobody asks for scores.

    Raises:
        UserError: a family whose modules are not known here.
    """

    def __init__(self, model: PreTrainedModel, layers: Iterable[int], with_scores: bool = True) -> None:
        layout = layout_of(model)
        encoder = model.base_model
        self.heads = model.config.num_attention_heads
        self.seen: dict[object, torch.Tensor] = {}
        # ELECTRA's tables are narrower than its layers; what enters the first layer is their projection.
        entrance = getattr(encoder, "embeddings_project", None) or encoder.get_submodule(layout.embeddings)
        self._keep(entrance, "embeddings")
        for layer in layers:
            block = encoder.get_submodule(f"{layout.layers}.{layer}")
            self._keep(block, ("hidden", layer))
            if with_scores:
                self._keep(block.get_submodule(layout.query), ("query", layer))
                self._keep(block.get_submodule(layout.key), ("key", layer))

    def take(self) -> Captured:
        """What the last forward pass left."""
        seen, self.seen = self.seen, {}
        hidden = {name[1]: tensor for name, tensor in seen.items() if name[0] == "hidden"}
        scores = {
            layer: attention_scores(seen["query", layer], seen["key", layer], self.heads)
            for layer in hidden
            if ("query", layer) in seen
        }
        return Captured(seen["embeddings"], hidden, scores)

    def _keep(self, module: nn.Module, name: object) -> None:
        def hook(_module, _inputs, output) -> None:
            self.seen[name] = output[0] if isinstance(output, tuple) else output

        module.register_forward_hook(hook)


def attention_scores(query: torch.Tensor, key: torch.Tensor, heads: int) -> torch.Tensor:
    """QK^T / sqrt(head size), before any mask.

    Args:
        query, key: (batch, tokens, hidden), the outputs of the two projections.
        heads: how many heads they hold.

    Returns:
        (batch, heads, tokens, tokens), float32, row = query.
    """
    batch, tokens, hidden = query.shape
    with torch.autocast(query.device.type, enabled=False):  # bfloat16 scores would carry three digits into a squared error
        q = query.float().view(batch, tokens, heads, hidden // heads).transpose(1, 2)  # (batch, heads, tokens, size)
        k = key.float().view(batch, tokens, heads, hidden // heads).transpose(1, 2)  # (batch, heads, tokens, size)
        return q @ k.transpose(-1, -2) * (hidden // heads) ** -0.5  # (batch, heads, tokens, tokens)


def layout_of(model: PreTrainedModel) -> Layout:
    """The module paths of a model's family.

    Raises:
        UserError: a family that is not known here.
    """
    found = LAYOUTS.get(model.config.model_type)
    if found is None:
        raise UserError(
            f"{type(model).__name__}: the layers of a {model.config.model_type} model are not known here, only those of "
            f"{', '.join(LAYOUTS)}; leave out the intermediate stage to distil from its predictions alone."
        )
    return found


def kept_layers(weights: dict[str, torch.Tensor], layers: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """An encoder's weights with only some layers, renumbered from 0 in the order given; all else as it is."""
    place = {layer: i for i, layer in enumerate(layers)}
    kept = {}
    for name, tensor in weights.items():
        found = re.fullmatch(r"((?:encoder|transformer)\.layer\.)(\d+)(\..*)", name)
        if found is None:
            kept[name] = tensor
        elif int(found[2]) in place:
            kept[f"{found[1]}{place[int(found[2])]}{found[3]}"] = tensor
    return kept
