"""Where the pieces of a classifier are, whatever its family calls them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from torch import nn


@dataclass(frozen=True)
class LayerParts:
    """One transformer layer with the norms after the residuals, d = hidden / heads."""

    query: nn.Linear
    key: nn.Linear
    value: nn.Linear
    attention_output: nn.Linear
    attention_norm: nn.LayerNorm
    up: nn.Linear
    down: nn.Linear
    output_norm: nn.LayerNorm


@dataclass(frozen=True)
class Parts:
    """A whole classifier, as references to the source model's own modules.

    Args:
        word: (vocabulary, embedding).
        position: (rows, embedding).
        position_offset: row of the first token.
        token_type: (types, embedding), or None.
        embedding_norm: over the embedding size.
        projection: embedding -> hidden where the two differ (ELECTRA), or None.
        layers: in order.
        heads: attention heads of every layer.
        activation: of the feed-forward, under its Hugging Face name.
        head_dense: hidden -> hidden on the first token.
        head_activation: after it.
        head_output: hidden -> outputs.
    """

    word: nn.Embedding
    position: nn.Embedding
    position_offset: int
    token_type: nn.Embedding | None
    embedding_norm: nn.LayerNorm
    projection: nn.Linear | None
    layers: tuple[LayerParts, ...]
    heads: int
    activation: str
    head_dense: nn.Linear
    head_activation: str
    head_output: nn.Linear

    def modules(self) -> Iterator[nn.Module]:
        """Every module named here."""
        for holder in (self, *self.layers):
            for field in fields(holder):
                value = getattr(holder, field.name)
                if isinstance(value, nn.Module):
                    yield value


def bert_layer(layer: Any) -> LayerParts:
    """The parts of a layer built as BERT's, which ELECTRA and RoBERTa share."""
    attention, output = layer.attention.self, layer.attention.output
    return LayerParts(
        query=attention.query,
        key=attention.key,
        value=attention.value,
        attention_output=output.dense,
        attention_norm=output.LayerNorm,
        up=layer.intermediate.dense,
        down=layer.output.dense,
        output_norm=layer.output.LayerNorm,
    )
