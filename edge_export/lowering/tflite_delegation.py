"""Which share of a .tflite the XNNPACK delegate took, read off the host interpreter's plan.

After allocation the interpreter lists the file's nodes, then one DELEGATE node for every piece that the delegate took, and
does not say which node went where. The memory does: what a piece computes is either an output of its DELEGATE node or has
no memory of its own in the interpreter, though it has with no delegate; what stayed outside was given memory there. A
tensor whose size only a run can tell has none either way before the first one: it counts as outside, unless a piece is seen
to write it.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from ai_edge_litert.interpreter import Interpreter, OpResolverType

from pocketbert.edge_export.artifact.engines.silence import silent_stderr
from pocketbert.edge_export.lowering.lowered import Delegation

BACKEND = "XNNPACK"
DELEGATE = "DELEGATE"
NO_MEMORY = "Tensor data is null"  # tensorflow/lite/python/interpreter_wrapper/interpreter_wrapper.cc


@dataclass(frozen=True)
class Node:
    """An operator of the plan: its name, the tensors it reads and writes (-1: an optional one left out)."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def measure_delegation(compute: bytes, length: int, delegate: bool = True) -> Delegation:
    """The share of multiply-accumulates inside XNNPACK, and what was left over.

    Args:
        compute: a .tflite whose inputs are [1, n].
        length: n, in tokens.
        delegate: False measures the interpreter's own kernels, with no delegate: a share of 0.
    """
    plain = _allocated(compute, length, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    planned = _allocated(compute, length, OpResolverType.AUTO) if delegate else plain
    nodes, plan = _nodes(plain), _nodes(planned)
    if plan[: len(nodes)] != nodes or any(node.name != DELEGATE for node in plan[len(nodes) :]):
        raise RuntimeError("the interpreter's plan does not begin with the file's own nodes; its layout has changed.")
    pieces = plan[len(nodes) :]
    written_by_pieces = {tensor for piece in pieces for tensor in piece.outputs}
    macs = delegated = 0
    left_over: Counter[str] = Counter()
    for node in nodes:
        work = _macs(plain, node)
        macs += work
        if all(tensor in written_by_pieces or _gave_up(tensor, plain, planned) for tensor in node.outputs):
            delegated += work
        else:
            left_over[node.name] += 1
    return Delegation(BACKEND, macs, delegated, length, len(pieces), dict(sorted(left_over.items())))


def _allocated(compute: bytes, length: int, resolver: OpResolverType) -> Interpreter:
    with silent_stderr():  # the delegate announces itself
        interpreter = Interpreter(model_content=compute, num_threads=1, experimental_op_resolver_type=resolver)
        for entry in interpreter.get_input_details():
            if entry["shape"].tolist() != [1, length]:
                interpreter.resize_tensor_input(entry["index"], [1, length], strict=True)
        interpreter.allocate_tensors()
    return interpreter


def _nodes(interpreter: Interpreter) -> list[Node]:
    return [
        Node(entry["op_name"], tuple(map(int, entry["inputs"])), tuple(map(int, entry["outputs"])))
        for entry in interpreter._get_ops_details()  # the only door to the plan; analyzer.py in the same package uses it too
    ]


def _has_memory(interpreter: Interpreter, tensor: int) -> bool:
    try:
        interpreter.get_tensor(tensor)
    except ValueError as error:
        if NO_MEMORY in str(error):
            return False
        raise
    return True


def _gave_up(tensor: int, plain: Interpreter, planned: Interpreter) -> bool:
    return _has_memory(plain, tensor) and not _has_memory(planned, tensor)


def _macs(interpreter: Interpreter, node: Node) -> int:
    """Multiply-accumulates of a node at the allocated length; operators that multiply no matrices count 0.

    FULLY_CONNECTED: x (..., in), weights (out, in). BATCH_MATMUL: (..., m, k) and (..., k, n), either one perhaps adjoint.
    """
    if node.name == "FULLY_CONNECTED":
        outputs, inputs = _shape(interpreter, node.inputs[1])
        return math.prod(_shape(interpreter, node.inputs[0])) // inputs * outputs * inputs
    if node.name == "BATCH_MATMUL":
        left, result = _shape(interpreter, node.inputs[0]), _shape(interpreter, node.outputs[0])
        inner = left[-1] * left[-2] // result[-2]  # k, whichever way round the left one lies
        return math.prod(result) * inner
    return 0


def _shape(interpreter: Interpreter, tensor: int) -> list[int]:
    return interpreter._get_tensor_details(tensor, 0)["shape"].tolist()
