"""Narrower feed-forward layers: of each layer's neurons those stay that say most on real texts.

The score of a neuron is what it adds to the hidden states: its mean absolute activation on the texts, times the norm of its
weights on the way out. Ranked by weights alone the same student came out behind on MRPC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

from pocketbert.distill.capture import Layout, layout_of
from pocketbert.distill.texts import collator, encode, inputs_of, pad_id_of
from pocketbert.tasks import Example, UserError

TEXTS = 512  # taken evenly from what is given; more hardly change a mean
BATCH = 64


def neurons_of(config: PreTrainedConfig) -> int:
    """Feed-forward neurons of each layer.

    Raises:
        UserError: a family whose layers are not known here.
    """
    return getattr(config, layout_of(config).neurons)


def keep_most_active(
    model: PreTrainedModel, neurons: int, tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example], max_length: int
) -> None:
    """Cuts the feed-forward layers of `model` down to `neurons` each, in place.

    Args:
        model: of a family in LAYOUTS; it is left in eval mode.
        neurons: how many stay in each layer; at most as many as there are.
        tokenizer: the model's.
        examples: texts such as the model is going to read; labels are not looked at.
        max_length: longest input in tokens.

    Raises:
        UserError: more neurons are wanted than there are.
        ValueError: no texts.
    """
    layout, there = layout_of(model.config), neurons_of(model.config)
    if neurons > there:
        raise UserError(f"student feed_forward {neurons}: the layers that are copied have {there} neurons.")
    if not examples:
        raise ValueError("no texts to rank the neurons by")
    layers = list(model.base_model.get_submodule(layout.layers).children())
    chosen = examples[:: -(-len(examples) // TEXTS)]
    activity = _mean_activity(model, layers, layout, encode(tokenizer, chosen, max_length).rows, pad_id_of(tokenizer))
    for layer, active in zip(layers, activity, strict=True):
        up, down = (cast(nn.Linear, layer.get_submodule(path)) for path in (layout.up, layout.down))
        score = active * down.weight.detach().norm(dim=0)  # (neurons,)
        kept = score.topk(neurons).indices.sort().values  # (neurons kept,)
        _replace(up, up.weight[kept], up.bias[kept])
        _replace(down, down.weight[:, kept], down.bias)
    setattr(model.config, layout.neurons, neurons)


def _mean_activity(
    model: PreTrainedModel, layers: Sequence[nn.Module], layout: Layout, rows: list[dict], pad_id: int
) -> list[torch.Tensor]:
    """Mean absolute activation of every neuron over all tokens that are no padding; one (neurons,) for each layer."""
    sums = [torch.zeros(())] * len(layers)
    mask = torch.empty(0)
    tokens = 0

    def adding(index: int):
        def hook(_module, inputs) -> None:  # what enters the projection back has passed the activation function
            sums[index] = sums[index] + (inputs[0].abs() * mask).sum((0, 1))  # (batch, tokens, neurons) to (neurons,)

        return hook

    hooks = [layer.get_submodule(layout.down).register_forward_pre_hook(adding(i)) for i, layer in enumerate(layers)]
    collate = collator(pad_id)
    model.eval()
    try:
        with torch.inference_mode():
            for start in range(0, len(rows), BATCH):
                batch = collate(rows[start : start + BATCH])
                mask = batch["attention_mask"][..., None].float()  # (batch, tokens, 1)
                tokens += int(mask.sum())
                model(**inputs_of(model, batch))
    finally:
        for hook in hooks:
            hook.remove()
    return [total.clone() / tokens for total in sums]


def _replace(projection: nn.Linear, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Gives a linear layer other weights, (outputs, inputs) and (outputs,)."""
    projection.out_features, projection.in_features = weight.shape
    projection.weight = nn.Parameter(weight.detach().clone())
    projection.bias = nn.Parameter(bias.detach().clone())
