"""What the numbers of a file are stored and computed in: one grammar of names for all three containers.

A name is `fp32`, or `w{bits}_e{bits}`: linear weights (one scale an output channel, activations quantized to 8 bits when a
text arrives) and the embedding table (one scale a row). `int8` is an alias of `w8_e8`. What is not a
linear layer or the table (softmax, layer norm, GELU, residuals) stays fp32 under every name: in int8 it costs accuracy
and no container's kernels gain from it.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from pocketbert.tasks import UserError

ALIASES = {"int8": "w8_e8"}
# What a runtime makes of activations when a text arrives. XNNPACK scales each token's row by itself; onnxruntime's
# DynamicQuantizeLinear takes one scale for the whole tensor, so there padding and other tokens move a token's numbers.
ACTIVATIONS = {"pte": "dynamic_int8_per_token", "tflite": "dynamic_int8_per_token", "onnx": "dynamic_uint8_per_tensor"}
BITS = (8,)  # what all three containers have kernels for


@dataclass(frozen=True)
class Quantization:
    """Spelt out, as the manifest carries it.

    Args:
        recipe: the name as the user gave it.
        linear_bits: 8, or 32 for fp32.
        linear_granularity: "per_channel" or "none".
        embedding_bits: 8, or 32 for fp32.
        embedding_granularity: "per_row" or "none".
    """

    recipe: str
    linear_bits: int
    linear_granularity: str
    embedding_bits: int
    embedding_granularity: str

    @property
    def quantized(self) -> bool:
        return self.linear_bits < 32

    def described(self, container: str) -> dict[str, Any]:
        """As that container's manifest carries it: the runtimes scale activations differently."""
        activations = ACTIVATIONS[container] if self.quantized else "fp32"
        return asdict(self) | {"activations": activations}


def quantization(name: str) -> Quantization:
    """The recipe of that name.

    Raises:
        UserError: the name is outside the grammar; the ones that exist are listed.
    """
    if name == "fp32":
        return Quantization(name, 32, "none", 32, "none")
    parts = re.fullmatch(r"w(\d+)_e(\d+)", ALIASES.get(name, name))
    if not parts or not {int(bits) for bits in parts.groups()} <= set(BITS):
        known = ["fp32", *ALIASES, *(f"w{w}_e{e}" for w in BITS for e in BITS)]
        raise UserError(f'quantization "{name}" is unknown; use one of {", ".join(known)}.')
    return Quantization(name, int(parts[1]), "per_channel", int(parts[2]), "per_row")
