"""To LiteRT: torch -> litert-torch -> (length opened) -> (quantized) -> one .tflite with its weights inside."""

from __future__ import annotations

import contextlib
import io
import os
from importlib.metadata import version
from typing import cast

import torch
from torch import nn

from pocketbert.edge_export.artifact.manifest import INPUTS, Runtime
from pocketbert.edge_export.encoder import EdgeEncoder
from pocketbert.edge_export.lowering.flatbuffer_inline import internalise
from pocketbert.edge_export.lowering.flatbuffer_length import make_length_dynamic
from pocketbert.edge_export.lowering.lowered import Lowered, Wanted
from pocketbert.tasks.quiet import quiet

# Interpreters of TFLite 2.14's age run channel-wise int8 and give wrong numbers without a word.
RUNTIME: tuple[Runtime, str] = ("litert", "2.1.0")
TOOLS = ("torch", "litert-torch", "ai-edge-litert", "ai-edge-quantizer", "flatbuffers")
# Read when litert_torch's libraries are loaded. No information, still errors; and the plain kernels for what the converter
# folds, since the others announce themselves past the log level and round differently from machine to machine.
ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "1", "TF_ENABLE_ONEDNN_OPTS": "0"}
# Lengths to convert at. Primes, so that they are no width, head or batch size; two of them are taken that the model has not.
MARKS = (37, 41, 43, 47, 53, 59)


def lower(encoder: EdgeEncoder, wanted: Wanted) -> Lowered:
    """The encoder as a .tflite.

    Inputs are input_ids, attention_mask, token_type_ids, int32 [1, n]; the output is `logits` (or `probabilities`),
    float32 [1, outputs]; the signature is `serving_default`. With no static length n is open: a reader calls
    `resize_tensor_input` and `allocate_tensors` when the length changes, from 2 up to `wanted.max_length`.

    Raises:
        UserError: the length enters the graph in a way that cannot be left open.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from pocketbert.edge_export.lowering.tflite_delegation import measure_delegation

    if wanted.probabilities:
        encoder = encoder.with_probabilities()
    if wanted.static_length is None:
        marks = choose_marks(encoder)
        first, second = (convert(WithOpenLength(encoder), mark) for mark in marks)
        compute = make_length_dynamic(first, second, marks)
        del first, second  # two fp32 copies of the model
    else:
        compute = convert(WithStaticLength(encoder, wanted.static_length), wanted.static_length)
    if wanted.quantization.quantized:
        compute = quantize(compute)
    compute = internalise(compute)
    delegation = measure_delegation(compute, wanted.static_length or wanted.max_length)
    return Lowered("tflite", compute, delegation, {name: version(name) for name in TOOLS}, RUNTIME)


class WithOpenLength(nn.Module):
    """Positions looked up by counting the mask: a slice of the table by the length would be a dynamic tensor, which
    XNNPACK refuses. A padded token gets the last real one's position, which nothing reads."""

    def __init__(self, encoder: EdgeEncoder):
        super().__init__()
        self.encoder = encoder
        self.position = nn.Embedding.from_pretrained(encoder.position_table)  # (max_length, embedding)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """int32 (1, n) each -> {output name: float32 (1, outputs)}."""
        positions = self.position(torch.cumsum(attention_mask, 1, dtype=torch.int32) - 1)  # (1, n, embedding)
        words = self.encoder.word(input_ids)
        output = self.encoder.forward_embedded(words, positions, attention_mask, token_type_ids)
        return {self.encoder.output_name: output}


class WithStaticLength(nn.Module):
    """Positions as a constant, for accelerators that have neither a cumulative sum nor a second lookup."""

    positions: torch.Tensor

    def __init__(self, encoder: EdgeEncoder, length: int):
        super().__init__()
        self.encoder = encoder
        self.register_buffer("positions", encoder.position_table[:length].clone())  # (n, embedding)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """int32 (1, n) each -> {output name: float32 (1, outputs)}."""
        words = self.encoder.word(input_ids)
        output = self.encoder.forward_embedded(words, self.positions, attention_mask, token_type_ids)
        return {self.encoder.output_name: output}


def choose_marks(encoder: nn.Module) -> tuple[int, int]:
    """Two lengths that are no dimension of the model, so that no operator is folded because a length happens to fit."""
    taken = {size for tensor in (*encoder.parameters(), *encoder.buffers()) for size in tensor.shape}
    first, second, *_ = (mark for mark in MARKS if mark not in taken)
    return first, second


def convert(module: nn.Module, length: int) -> bytes:
    """The module as an fp32 .tflite for one length."""
    # three tensors: one given for two inputs would be traced as one, and the graph would read the mask as ids
    inputs = {name: torch.ones((1, length), dtype=torch.int32) for name in INPUTS}
    with quiet():
        import litert_torch

        litert_torch.config.show_progress = False
        return litert_torch.convert(module.eval(), sample_kwargs=inputs).model_content()


def quantize(compute: bytes) -> bytes:
    """int8 linear weights (a scale an output channel) and tables (a scale a row); activations quantized as they come."""
    from ai_edge_quantizer import quantizer, recipe

    worker = quantizer.Quantizer(bytearray(compute), recipe.dynamic_wi8_afp32())
    with contextlib.redirect_stderr(io.StringIO()):  # 0.10.0 drops enable_progress_bar on the way to its second bar
        result = worker.quantize(enable_progress_bar=False, enable_progress_report=False)
    return bytes(cast(bytearray, result.quantized_model))  # None only where it had no recipe
