"""ExecuTorch with XNNPACK: one method, `forward`, for every length, weights packed once."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version

import torch
from torch import nn
from torch.fx.passes.infra.pass_base import PassBase, PassResult

from pocketbert.edge_export.encoder import EdgeEncoder
from pocketbert.edge_export.lowering.example import Inputs, example_inputs
from pocketbert.edge_export.lowering.int8_rows import int8_rows
from pocketbert.edge_export.lowering.lowered import Delegation, Lowered, Wanted
from pocketbert.edge_export.lowering.macs import macs_at, operator_name
from pocketbert.tasks.quiet import quiet

TOOLS = ("executorch", "torch", "torchao")
LEAST_RUNTIME = "1.3"  # the oldest that was run over whole data: an Android library with the operators of 1.3 (android_demo)


def lower(encoder: EdgeEncoder, wanted: Wanted) -> Lowered:
    """The .pte bytes of an encoder, exact length unless `wanted.static_length`.

    Inputs are int32 (1, n) in the order ids, mask, types; the ids are cast to int64 inside, because the embedding
    kernels abort the process on int32.
    """
    with quiet():
        return _lower(encoder.with_probabilities() if wanted.probabilities else encoder, wanted)


def _lower(encoder: EdgeEncoder, wanted: Wanted) -> Lowered:
    # registers the out variants of the quantized operators, without which to_executorch does not find them
    import executorch.kernels.quantized  # noqa: F401
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import EdgeCompileConfig, to_edge_transform_and_lower
    from executorch.exir.passes.quant_fusion_pass import QuantFusionPass

    inputs, shapes = example_inputs(wanted)
    model: nn.Module = ForExecuTorch(encoder, wanted).eval()
    if wanted.quantization.linear_bits == 8:
        model = _quantize_linears(model, inputs, shapes)
    program = torch.export.export(model, inputs, dynamic_shapes=shapes, strict=False)
    edge = to_edge_transform_and_lower(
        program,
        transform_passes=[InferViews()],
        partitioner=[XnnpackPartitioner()],
        # the verifier knows no embedding_byte and no view of -1
        compile_config=EdgeCompileConfig(_check_ir_validity=False),
    )
    delegation = _delegation(edge.exported_program().graph_module, inputs[0].shape[1])
    edge = edge.transform([QuantFusionPass(_fix_node_meta_val=True)])
    tools = {name: version(name) for name in TOOLS}
    return Lowered("pte", bytes(edge.to_executorch().buffer), delegation, tools, ("executorch", LEAST_RUNTIME))


class ForExecuTorch(nn.Module):
    """The encoder with its tables in the form that ExecuTorch's kernels read."""

    rows: torch.Tensor
    scale: torch.Tensor

    def __init__(self, encoder: EdgeEncoder, wanted: Wanted):
        super().__init__()
        self.encoder = encoder
        self.quantized = wanted.quantization.embedding_bits == 8
        if self.quantized:
            rows, scale = int8_rows(encoder.word.weight)
            self.register_buffer("rows", rows)
            self.register_buffer("scale", scale)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor):
        ids = input_ids.to(torch.int64)  # (1, n)
        if self.quantized:
            words = torch.ops.quantized_decomposed.embedding_byte.dtype(
                self.rows, self.scale, None, -128, 127, ids, dtype=torch.float32
            )  # (1, n, embedding)
        else:
            words = self.encoder.word(ids)
        # sliced by the symbolic length outside the delegate: a copy of n rows, cheap
        positions = self.encoder.position_table[: input_ids.shape[1]]
        return self.encoder.forward_embedded(words, positions, attention_mask, token_type_ids)


class InferViews(PassBase):
    """Writes -1 where one size of a view is symbolic.

    XNNPACK's partitioner refuses view_copy with a symbolic size and takes -1, which says the same: without this the graph
    of a 4-layer encoder falls into 30 delegates instead of 4.
    """

    def call(self, graph_module: torch.fx.GraphModule) -> PassResult:
        for node in graph_module.graph.nodes:
            if node.op != "call_function" or operator_name(node) != "aten::view_copy":
                continue
            symbolic = [i for i, size in enumerate(node.args[1]) if not isinstance(size, int)]
            if len(symbolic) == 1:
                node.args = (node.args[0], [-1 if i in symbolic else size for i, size in enumerate(node.args[1])])
        graph_module.graph.eliminate_dead_code()
        graph_module.recompile()
        return PassResult(graph_module, True)


def _quantize_linears(model: nn.Module, inputs: Inputs, shapes) -> nn.Module:
    """PT2E: int8 weights, one scale an output channel; activations are quantized per token when they arrive, so that no
    calibration data is needed and padding cannot move another token's numbers."""
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    quantizer = XNNPACKQuantizer()
    quantizer.set_global(get_symmetric_quantization_config(is_per_channel=True, is_dynamic=True))
    graph = torch.export.export(model, inputs, dynamic_shapes=shapes, strict=False).module()
    prepared = prepare_pt2e(graph, quantizer)
    with torch.no_grad():
        prepared(*inputs)  # fills the weight observers
    return convert_pt2e(prepared)


def _delegation(graph_module: torch.fx.GraphModule, length: int) -> Delegation:
    inside: list[torch.fx.Node] = []
    outside: list[torch.fx.Node] = []
    partitions = 0
    for node in graph_module.graph.nodes:
        if node.op == "get_attr" and node.name.startswith("lowered_module_"):
            partitions += 1
            inside += getattr(graph_module, node.target).original_module.graph_module.graph.nodes
        elif node.op == "call_function" and operator_name(node) not in ("executorch_call_delegate", "getitem"):
            outside.append(node)
    delegated = macs_at(inside, length)
    return Delegation(
        backend="XNNPACK",
        macs=delegated + macs_at(outside, length),
        delegated_macs=delegated,
        length=length,
        partitions=partitions,
        left_over=dict(sorted(Counter(operator_name(node) for node in outside).items())),
    )
