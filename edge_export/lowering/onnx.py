"""ONNX for onnxruntime: dynamic length, int32 inputs, integer linears and an int8 table."""

from __future__ import annotations

import copy
from importlib.metadata import version
from typing import Any

import torch
from torch import nn

from pocketbert.edge_export.artifact.manifest import INPUTS
from pocketbert.edge_export.encoder import EdgeEncoder, WrittenOutLayerNorm
from pocketbert.edge_export.lowering.example import example_inputs
from pocketbert.edge_export.lowering.int8_rows import int8_rows
from pocketbert.edge_export.lowering.lowered import Lowered, Wanted
from pocketbert.edge_export.lowering.macs import macs_at
from pocketbert.edge_export.lowering.onnx_kernels import delegation
from pocketbert.edge_export.lowering.onnx_proto import dynamic_int8, length_named, without_traces
from pocketbert.tasks.quiet import quiet

TOOLS = ("torch", "onnx", "onnxscript", "onnxruntime")
OPSET = 20  # the first with Gelu as an operator, and what onnxruntime has read since 1.17
LEAST_RUNTIME = "1.20"  # the oldest that the base install takes


def lower(encoder: EdgeEncoder, wanted: Wanted) -> Lowered:
    """The .onnx bytes of an encoder, dynamic length unless `wanted.static_length`.

    int8 linears are onnxruntime's dynamic quantization: int8 weights with a scale an output channel, activations in uint8
    with one scale a tensor, so that padding moves the logits a little, which it does not in the other containers. So that it
    is only a little, padded places are read as a text's first token: nobody trained the padding token's own row, and what the
    layers make of it widens the scale for all tokens.
    """
    with quiet():
        encoder = encoder.with_probabilities() if wanted.probabilities else encoder
        inputs, shapes = example_inputs(wanted)
        model = ForOnnx(encoder, wanted).eval()
        program = torch.export.export(model, inputs, dynamic_shapes=shapes, strict=False)
        exported: Any = torch.onnx.export(  # None is declared too, and only comes of dynamo=False
            program,
            input_names=INPUTS,
            output_names=[encoder.output_name],
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
        proto = length_named(without_traces(exported.model_proto))
        if wanted.quantization.linear_bits == 8:
            # only MatMul: under Gather it would quantize the table's scales
            proto = dynamic_int8(proto, ["MatMul"])
        compute = proto.SerializeToString(deterministic=True)
        macs = macs_at(program.graph.nodes, inputs[0].shape[1])
        report = delegation(compute, inputs[0].shape[1], macs, wanted.quantization)
    return Lowered("onnx", compute, report, {name: version(name) for name in TOOLS}, ("onnxruntime", LEAST_RUNTIME))


class ForOnnx(nn.Module):
    """The encoder with its tables and norms in the form that onnxruntime has kernels for."""

    rows: torch.Tensor
    scale: torch.Tensor

    def __init__(self, encoder: EdgeEncoder, wanted: Wanted):
        super().__init__()
        self.encoder = _with_native_norms(encoder)
        self.scales_tensors = wanted.quantization.linear_bits == 8
        self.quantized = wanted.quantization.embedding_bits == 8
        if self.quantized:
            rows, scale = int8_rows(encoder.word.weight)
            self.register_buffer("rows", rows)
            self.register_buffer("scale", scale.unsqueeze(1))  # (vocabulary, 1)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor):
        if self.scales_tensors:
            input_ids = torch.where(attention_mask > 0, input_ids, input_ids[:, :1])  # (1, n); nothing attends to those changed
        if self.quantized:
            words = nn.functional.embedding(input_ids, self.rows).to(torch.float32)  # (1, n, embedding)
            words = words * nn.functional.embedding(input_ids, self.scale)
        else:
            words = self.encoder.word(input_ids)
        positions = self.encoder.position_table[: input_ids.shape[1]]
        return self.encoder.forward_embedded(words, positions, attention_mask, token_type_ids)


def _with_native_norms(encoder: EdgeEncoder) -> EdgeEncoder:
    """onnxruntime has LayerNormalization as one kernel and fuses the residual into it; written out it is eight."""
    twin = copy.deepcopy(encoder)
    for module in list(twin.modules()):
        for name, child in module.named_children():
            if isinstance(child, WrittenOutLayerNorm):
                norm = nn.LayerNorm(child.width, eps=child.eps)
                norm.weight, norm.bias = child.weight, child.bias
                setattr(module, name, norm)
    return twin
