"""What is done to an ONNX graph after torch has written it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pocketbert.tasks.quiet import quiet

LENGTH = "n"


def without_traces(proto):
    """Drops the exporter's notes on every node: they hold stack traces with the builder's paths."""
    graph = proto.graph
    for item in (proto, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del item.metadata_props[:]
        item.doc_string = ""
    return proto


def length_named(proto):
    """Calls the symbolic length of the inputs `n`; torch numbers its symbols, and not always alike."""
    for item in proto.graph.input:
        for dimension in item.type.tensor_type.shape.dim:
            if dimension.dim_param:
                dimension.dim_param = LENGTH
    del proto.graph.value_info[:]  # they speak of the old symbols, and onnxruntime infers its own
    return proto


def dynamic_int8(proto, operators: list[str] | None = None):
    """onnxruntime's dynamic quantization: int8 weights, one scale per column; products of two activations stay float.

    Args:
        proto: a float model; its value_info is dropped.
        operators: the operator types to quantize, None for all that it can.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # the dynamo exporter's shapes name weights before they are transposed, and quantize_dynamic then refuses the graph
    del proto.graph.value_info[:]
    with tempfile.TemporaryDirectory() as folder, quiet():
        target = Path(folder) / "int8.onnx"
        quantize_dynamic(
            proto,
            target,
            op_types_to_quantize=operators,
            per_channel=True,
            weight_type=QuantType.QInt8,
            # onnx infers no type behind onnxruntime's own fused operators; the models here are float32 throughout
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return onnx.load(target)
