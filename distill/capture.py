"""Inner states of a model as it runs, taken by forward hooks: no model is edited, SDPA stays on."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel

from pocketbert.tasks import UserError
from pocketbert.tasks.errors import setting

# What can be captured: ("hidden" | "query" | "key" | "value", layer from 0), or EMBEDDINGS.
Need = tuple[str, int]

EMBEDDINGS: Need = ("embeddings", 0)  # what enters the first layer


@dataclass(frozen=True)
class Layout:
    """Where a family keeps what is hooked or cut: embeddings and layers below its base model, the other modules below a layer."""

    embeddings: str
    layers: str
    query: str
    key: str
    value: str
    up: str
    """The feed-forward projection to its neurons."""
    down: str
    """The one back to the hidden states."""
    neurons: str
    """The key of config.json that says how many neurons there are."""


BERT = Layout(
    embeddings="embeddings",
    layers="encoder.layer",
    query="attention.self.query",
    key="attention.self.key",
    value="attention.self.value",
    up="intermediate.dense",
    down="output.dense",
    neurons="intermediate_size",
)
DISTILBERT = Layout(
    embeddings="embeddings",
    layers="transformer.layer",
    query="attention.q_lin",
    key="attention.k_lin",
    value="attention.v_lin",
    up="ffn.lin1",
    down="ffn.lin2",
    neurons="hidden_dim",
)
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
        states: what was asked for, each (batch, tokens, hidden): outputs of layers ("hidden"), of the three projections of
            the attention, all heads side by side ("query", "key", "value"), and what enters the first layer (EMBEDDINGS).
        heads: attention heads of the model.
    """

    states: dict[Need, torch.Tensor]
    heads: int

    def scores(self, layer: int) -> torch.Tensor:
        """Attention scores before softmax, (batch, heads, tokens, tokens), float32; of a captured query and key."""
        return attention_scores(self.states["query", layer], self.states["key", layer], self.heads)


class Capture:
    """Says what is to be captured of a model; `watch` does it.

    Nothing hangs on the model outside `watch`, so that several captures of one model, and its runs without any, do not
    disturb each other.

    Args:
        model: any model of a family in LAYOUTS.
        needs: what is wanted; nothing else is hooked.

    Raises:
        UserError: a family whose modules are not known here.
        ValueError: a kind of state, or a layer, that there is not.
    """

    def __init__(self, model: PreTrainedModel, needs: Iterable[Need]) -> None:
        layout = layout_of(model.config)
        self.heads = model.config.num_attention_heads
        self.modules = {need: _module(model, layout, need) for need in needs}

    @contextlib.contextmanager
    def watch(self) -> Iterator[Captured]:
        """Hooks the model for the length of a `with` block; what is given fills while the model runs in it."""
        seen = Captured({}, self.heads)
        hooks = [module.register_forward_hook(_keeping(seen.states, need)) for need, module in self.modules.items()]
        try:
            yield seen
        finally:
            for hook in hooks:
                hook.remove()


def _module(model: PreTrainedModel, layout: Layout, need: Need) -> nn.Module:
    """The module whose output is wanted."""
    encoder, layers, (kind, layer) = model.base_model, model.config.num_hidden_layers, need
    if need == EMBEDDINGS:
        # ELECTRA's tables are narrower than its layers; what enters the first layer is their projection.
        return getattr(encoder, "embeddings_project", None) or encoder.get_submodule(layout.embeddings)
    paths = {"hidden": "", "query": layout.query, "key": layout.key, "value": layout.value}
    if kind not in paths or not 0 <= layer < layers:
        raise ValueError(f"{need}: not one of {EMBEDDINGS}, {', '.join(paths)} of layers 0 to {layers - 1}")
    return encoder.get_submodule(f"{layout.layers}.{layer}").get_submodule(paths[kind])


def _keeping(states: dict[Need, torch.Tensor], need: Need):
    def hook(_module, _inputs, output) -> None:
        states[need] = output[0] if isinstance(output, tuple) else output

    return hook


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


def layout_of(config: PreTrainedConfig) -> Layout:
    """The module paths of a model's family.

    Raises:
        UserError: a family that is not known here.
    """
    found = LAYOUTS.get(config.model_type)
    if found is None:
        raise UserError(
            f"the layers of a {config.model_type} model are not known here, only those of "
            f"{', '.join(LAYOUTS)}; take one of these as teacher, or give the student a shape of its own "
            f"({setting('student.preset', '--student', 'tinybert-4l-312')}) that learns from the predictions alone "
            f"({setting('method', '--method', 'logits')})."
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
