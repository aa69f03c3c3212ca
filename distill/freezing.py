"""Leaving the embedding tables out of training."""

from __future__ import annotations

from torch import nn
from transformers import PreTrainedModel


def freeze_embeddings(model: PreTrainedModel) -> None:
    """Marks the word, position and type tables as not trained; the layer norm after them stays trained."""
    for module in model.base_model.get_submodule("embeddings").modules():
        if isinstance(module, nn.Embedding):
            module.weight.requires_grad_(False)
