"""Which kernels onnxruntime really runs, from its own profile of one forward pass."""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from pocketbert.edge_export.lowering.lowered import Delegation
from pocketbert.edge_export.quantization import Quantization

PROVIDER = "CPUExecutionProvider"
INTEGER = ("MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QGemm")
FLOAT = ("MatMul", "Gemm", "FusedMatMul", "FusedGemm")


def delegation(compute: bytes, length: int, macs: int, quantization: Quantization) -> Delegation:
    """Share of the multiply-accumulates that run in the kernels which the quantization asks for.

    onnxruntime runs every operator on its CPU provider, so "which share is on it" would always be all. What can go wrong is
    that a linear layer stays float in an int8 file: such a layer counts as left over, as does any operator on another
    provider. A product in a kernel that this file does not know is not counted as delegated, nor named: the share falls
    short by it. Products of two activations (attention) are float
    under every recipe, in every container, and count as delegated.

    Args:
        compute: the .onnx.
        length: tokens of the pass.
        macs: of the exported graph at that length, counted before onnxruntime saw it.
        quantization: what was asked for.
    """
    nodes = _profile(compute, length)
    left_over: Counter[str] = Counter()
    delegated = 0
    for node in nodes:
        kernel, given = node["op_name"], _shapes(node["input_type_shape"])
        if node["provider"] != PROVIDER:
            left_over[f"{kernel} on {node['provider']}"] += 1
        elif kernel in FLOAT and quantization.linear_bits == 8 and not _of_activations(given):
            left_over[f"{kernel} with float weights"] += 1
        elif kernel in FLOAT or kernel in INTEGER:
            (made,) = _shapes(node["output_type_shape"])
            delegated += given[0][-1] * math.prod(made)  # the fused transposes leave the summed dimension last
    providers = [node["provider"] for node in nodes]
    partitions = 1 + sum(a != b for a, b in zip(providers, providers[1:], strict=False))
    return Delegation("onnxruntime CPU", macs, delegated, length, partitions, dict(sorted(left_over.items())))


def _shapes(typed: list[dict[str, list[int]]]) -> list[list[int]]:
    return [shape for entry in typed for shape in entry.values()]


def _of_activations(given: list[list[int]]) -> bool:
    """Attention's products have two operands of rank 3; a weight is of rank 2, and not listed at all once it is packed."""
    return len(given) > 1 and len(given[1]) == 3


def _profile(compute: bytes, length: int) -> list[dict]:
    """The arguments of every node event of one run, in order."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "kernels")
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(compute, options, providers=[PROVIDER])
        ones = np.ones((1, length), np.int32)
        values = {"attention_mask": ones}
        session.run(None, {item.name: values.get(item.name, ones * 0) for item in session.get_inputs()})
        events = json.loads(Path(session.end_profiling()).read_text())
    return [event["args"] for event in events if event.get("cat") == "Node" and event["name"].endswith("_kernel_time")]
