"""One graph for every BERT-type classifier, in the form that edge compilers take whole.

What makes it so, each measured on XNNPACK:
* attention is 3-D bmm over heads; 4-D matmul decomposes to expand, which is not delegated;
* layer norm is written out as means over 4-D, which delegate; native_layer_norm does not;
* the mask becomes one additive row, once; no -inf, no booleans;
* token types are base + type * difference, the base folded into the position table; 1/sqrt(d) is folded into the query;
* the last layer computes only the first token, the one that the head reads: the same logits for a fifth less time.

Batch is 1, n is the text's own length. Dropout is gone; every weight is a float32 copy, the source stays as it was.
"""

from __future__ import annotations

import copy
import math

import torch
from torch import nn

from pocketbert.edge_export.families import LayerParts, Parts, parts_of
from pocketbert.tasks import UserError

# exp(-1e4) is 0 in float32, and a row of it stays far from overflow, unlike float32's own minimum added to a score
MASKED = 1e4

ACTIVATIONS = {
    "gelu": nn.GELU,
    "gelu_python": nn.GELU,
    "gelu_new": lambda: nn.GELU(approximate="tanh"),
    "gelu_fast": lambda: nn.GELU(approximate="tanh"),
    "gelu_pytorch_tanh": lambda: nn.GELU(approximate="tanh"),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "swish": nn.SiLU,
    "tanh": nn.Tanh,
}


def edge_encoder(model: nn.Module, max_length: int) -> EdgeEncoder:
    """The export-friendly twin of a Hugging Face BERT-type sequence classifier.

    Args:
        model: BERT, MiniLM, ELECTRA, DistilBERT, RoBERTa or XLM-RoBERTa ...ForSequenceClassification; not modified.
        max_length: the longest text in tokens.

    Raises:
        UserError: see exportable_parts.
    """
    return EdgeEncoder(exportable_parts(model, max_length), max_length).eval().requires_grad_(False)


def exportable_parts(model: nn.Module, max_length: int) -> Parts:
    """The modules of a model that can be exported at that length; copies no weight.

    Raises:
        UserError: a model that the encoder cannot stand for (the module or config key is named), or a length past its
            positions.
    """
    parts = parts_of(model)
    longest = parts.position.num_embeddings - parts.position_offset
    if not 2 <= max_length <= longest:
        raise UserError(f"a length of {max_length} tokens is outside what the model's positions allow, 2 to {longest}.")
    return parts


class EdgeEncoder(nn.Module):
    """input_ids, attention_mask, token_type_ids, each int32 (1, n) -> float32 (1, outputs).

    The mask is ones, then zeros; token types are 0 or 1. A family without token types ignores that input.

    Attributes:
        word: (vocabulary, embedding), no padding index, so that each lowering can store it as its runtime likes.
        position_table: (max_length, embedding), token type 0 and RoBERTa's offset already in it.
        max_length, vocabulary_size, outputs: sizes.
        output_name: "logits", or "probabilities" after `with_probabilities`.
    """

    position_table: torch.Tensor
    token_type_difference: torch.Tensor | None

    def __init__(self, parts: Parts, max_length: int):
        super().__init__()
        self.max_length = max_length
        self.vocabulary_size = parts.word.num_embeddings
        self.outputs = parts.head_output.out_features
        self.output_name = "logits"
        self.word = nn.Embedding.from_pretrained(_copy(parts.word.weight))
        table = _copy(parts.position.weight[parts.position_offset :][:max_length])
        difference = None
        if parts.token_type is not None:
            types = _copy(parts.token_type.weight)
            table = table + types[0]
            difference = types[1] - types[0] if len(types) > 1 else None
        self.register_buffer("position_table", table)
        self.register_buffer("token_type_difference", difference)
        self.embedding_norm = WrittenOutLayerNorm(parts.embedding_norm)
        self.projection = None if parts.projection is None else _linear(parts.projection)
        *body, last = parts.layers
        self.layers = nn.ModuleList(
            [Layer(layer, parts.heads, parts.activation, False) for layer in body]
            + [Layer(last, parts.heads, parts.activation, True)]
        )
        self.head_dense = _linear(parts.head_dense)
        self.head_activation = _activation(parts.head_activation)
        self.head_output = _linear(parts.head_output)
        self.finish: nn.Module = nn.Identity()

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        positions = self.position_table[: input_ids.shape[1]]
        return self.forward_embedded(self.word(input_ids), positions, attention_mask, token_type_ids)

    def forward_embedded(
        self, words: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
    ) -> torch.Tensor:
        """Everything after the two tables, whose form differs from runtime to runtime.

        Args:
            words: rows of the word table, float32 (1, n, embedding).
            positions: rows of the position table, float32 (n, embedding) or (1, n, embedding).
            mask: int32 (1, n).
            types: int32 (1, n).

        Returns:
            float32 (1, outputs).
        """
        x = words + positions  # (1, n, embedding)
        if self.token_type_difference is not None:
            x = x + types.to(torch.float32).unsqueeze(-1) * self.token_type_difference
        # unsqueezed before the arithmetic: XNNPACK refuses that operator, which after it would cut the graph in two
        bias = (mask.unsqueeze(1).to(torch.float32) - 1.0) * MASKED  # (1, 1, n)
        x = self.embedding_norm(x)
        if self.projection is not None:
            x = self.projection(x)  # (1, n, hidden)
        for layer in self.layers:
            x = layer(x, bias)
        first = x.reshape(1, -1)  # (1, hidden): the last layer gives one token
        return self.finish(self.head_output(self.head_activation(self.head_dense(first))))

    def with_probabilities(self) -> EdgeEncoder:
        """The same weights with softmax at the end, for readers that apply none."""
        twin = copy.copy(self)
        twin._modules = {**self._modules, "finish": nn.Softmax(dim=-1)}
        twin.output_name = "probabilities"
        return twin


class Layer(nn.Module):
    """Attention and feed-forward, each with its residual and norm; `first_only` computes one token of the result."""

    def __init__(self, parts: LayerParts, heads: int, activation: str, first_only: bool):
        super().__init__()
        self.heads = heads
        self.head_size = parts.query.out_features // heads
        self.first_only = first_only
        self.query = _linear(parts.query)
        with torch.no_grad():
            for tensor in self.query.parameters():
                tensor.mul_(1 / math.sqrt(self.head_size))
        self.key, self.value = _linear(parts.key), _linear(parts.value)
        self.attention_output = _linear(parts.attention_output)
        self.attention_norm = WrittenOutLayerNorm(parts.attention_norm)
        self.up, self.down = _linear(parts.up), _linear(parts.down)
        self.activation = _activation(activation)
        self.output_norm = WrittenOutLayerNorm(parts.output_norm)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """x (1, n, hidden), bias (1, 1, n) -> (1, n, hidden), or (1, 1, hidden) with first_only."""
        seen = x[:, 0:1] if self.first_only else x  # (1, q, hidden), q = 1 or n
        query = self._split(self.query(seen))  # (heads, q, d)
        key, value = self._split(self.key(x)), self._split(self.value(x))  # (heads, n, d)
        scores = torch.bmm(query, key.transpose(1, 2)) + bias  # (heads, q, n)
        context = torch.bmm(torch.softmax(scores, dim=-1), value)  # (heads, q, d)
        context = context.permute(1, 0, 2).reshape(1, -1, self.heads * self.head_size)  # (1, q, heads * d)
        x = self.attention_norm(self.attention_output(context) + seen)
        return self.output_norm(self.down(self.activation(self.up(x))) + x)

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        return x.view(-1, self.heads, self.head_size).permute(1, 0, 2)


class WrittenOutLayerNorm(nn.Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last dimension, in operators that XNNPACK has."""

    def __init__(self, norm: nn.LayerNorm):
        super().__init__()
        self.eps = norm.eps
        self.width = norm.normalized_shape[-1]
        self.weight = nn.Parameter(_copy(norm.weight))
        self.bias = nn.Parameter(_copy(norm.bias))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(1, n, width) -> (1, n, width)."""
        x = x.view(1, -1, 1, self.width)  # XNNPACK averages over the two inner of four dimensions, and no others
        centred = x - x.mean((2, 3), keepdim=True)
        variance = (centred * centred).mean((2, 3), keepdim=True)  # (1, n, 1, 1)
        return (centred * torch.rsqrt(variance + self.eps)).view(1, -1, self.width) * self.weight + self.bias


def _copy(weight: torch.Tensor) -> torch.Tensor:
    return weight.detach().to("cpu", torch.float32, copy=True).contiguous()


def _linear(source: nn.Linear) -> nn.Linear:
    linear = nn.Linear(source.in_features, source.out_features, bias=source.bias is not None)
    linear.weight = nn.Parameter(_copy(source.weight))
    if source.bias is not None:
        linear.bias = nn.Parameter(_copy(source.bias))
    return linear


def _activation(name: object) -> nn.Module:
    if not isinstance(name, str) or name not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise UserError(f'config.json: the activation "{name}" cannot be exported; these can: {known}.')
    return ACTIVATIONS[name]()
