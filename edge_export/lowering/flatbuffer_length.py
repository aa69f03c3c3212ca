"""One .tflite for every length, out of two for one length each.

litert-torch lowers no symbolic length. The interpreter, though, runs a graph at any length once its RESHAPEs say -1 and
its tensors carry a shape signature. Which of a graph's numbers are the length cannot be read off one graph: 64 may be a
length or a width. So the model is converted at two lengths, the marks, and the two files are walked side by side:

* a number that is the same in both is not the length and stays;
* a number that is (first mark, second mark) where -1 has a meaning (a RESHAPE's new shape, the shape of a tensor that is
  computed) is the length and becomes -1;
* any other difference (a product, a sum, a constant that depends on the length) cannot be made dynamic: refused, with the
  operator's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from pocketbert.edge_export.lowering.flatbuffer_inline import Model, pack, unpack
from pocketbert.tasks import UserError

DYNAMIC = -1
RESHAPE = "RESHAPE"


@dataclass(frozen=True)
class Difference:
    """Where two models differ: the field names and indices from the model down, and the two values."""

    path: tuple[str | int, ...]
    first: Any
    second: Any


def make_length_dynamic(first: bytes, second: bytes, marks: tuple[int, int]) -> bytes:
    """The model that was converted at two lengths, for every length.

    Args:
        first: .tflite converted at marks[0] tokens; what comes out is this file with its lengths turned into -1.
        second: .tflite of the same model, converted at marks[1] tokens.
        marks: two different lengths.

    Raises:
        UserError: the two differ in more than the length, or where the length cannot be left open; the operator is named.
    """
    model, other = unpack(first), unpack(second)
    _check_operators(model, other, marks)
    differences = list(differences_between(model, other))
    if not differences:
        raise UserError(f"the .tflite is the same at {marks[0]} and {marks[1]} tokens: nothing in it depends on the length.")
    for difference in differences:
        match difference.path:
            case ("subgraphs", int(graph), "tensors", int(tensor), "shape"):
                _open_tensor(model, graph, tensor, difference, marks)
            case ("buffers", int(buffer), "data"):
                _open_reshape_constant(model, buffer, difference, marks)
            case ("subgraphs", int(graph), "operators", int(operator), "builtinOptions", "newShape"):
                options = model.subgraphs[graph].operators[operator].builtinOptions
                options.newShape = _opened(difference, marks, operator_name(model, graph, operator), reshape=True)
            case _:
                raise _refusal(_owner(model, difference.path), difference, marks)
    return pack(model)


def differences_between(first: object, second: object, path: tuple[str | int, ...] = ()) -> Iterator[Difference]:
    """Every field in which two of the schema's objects differ, arrays as a whole."""
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        if not np.array_equal(first, second):
            yield Difference(path, first, second)
    elif type(first) is not type(second):
        yield Difference(path, first, second)
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            yield Difference(path, f"{len(first)} entries", f"{len(second)} entries")
            return
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences_between(one, other, (*path, index))
    elif hasattr(first, "__dict__"):
        for name in vars(first):
            yield from differences_between(getattr(first, name), getattr(second, name), (*path, name))
    elif first != second:
        yield Difference(path, first, second)


def operator_name(model: Model, graph: int, operator: int) -> str:
    """The builtin's name as the schema has it, or the custom operator's own."""
    code = model.operatorCodes[model.subgraphs[graph].operators[operator].opcodeIndex]
    if code.customCode:
        return code.customCode.decode()
    number = max(code.builtinCode, code.deprecatedBuiltinCode)  # files before schema 3a have only the deprecated one
    return next(name for name, value in vars(schema.BuiltinOperator).items() if value == number)


def _check_operators(model: Model, other: Model, marks: tuple[int, int]) -> None:
    """Names the first operator at which two graphs part; without this only a count would be known to differ."""
    for graph, (one, two) in enumerate(zip_longest(model.subgraphs, other.subgraphs)):
        names = [operator_name(model, graph, index) for index in range(len(one.operators or []) if one else 0)]
        others = [operator_name(other, graph, index) for index in range(len(two.operators or []) if two else 0)]
        for index, (name, another) in enumerate(zip_longest(names, others, fillvalue="nothing")):
            if name != another:
                difference = Difference(("subgraphs", graph, "operators", index), name, another)
                raise _refusal(f"the choice of operators (number {index})", difference, marks)


def _open_tensor(model: Model, graph: int, tensor: int, difference: Difference, marks: tuple[int, int]) -> None:
    entry = model.subgraphs[graph].tensors[tensor]
    maker = _owner(model, difference.path)
    if model.buffers[entry.buffer].data is not None:
        raise _refusal(f"a constant that {maker} reads", difference, marks)
    entry.shapeSignature = _opened(difference, marks, maker, reshape=False)


def _open_reshape_constant(model: Model, buffer: int, difference: Difference, marks: tuple[int, int]) -> None:
    """A constant may move only if it is a RESHAPE's new shape and nothing else."""
    readers = list(_readers(model, buffer))
    if not readers or any(reader != (RESHAPE, 1, schema.TensorType.INT32) for reader in readers):
        name = next((f"a constant that {name} reads" for name, *_ in readers if name != RESHAPE), f"constant {buffer}")
        raise _refusal(name, difference, marks)
    if difference.first is None or difference.second is None or len(difference.first) != len(difference.second):
        raise _refusal("a RESHAPE's new shape", difference, marks)
    numbers = Difference(
        difference.path,
        np.frombuffer(difference.first.tobytes(), np.int32),
        np.frombuffer(difference.second.tobytes(), np.int32),
    )
    opened = _opened(numbers, marks, RESHAPE, reshape=True)
    model.buffers[buffer].data = np.frombuffer(opened.tobytes(), np.uint8)


def _opened(difference: Difference, marks: tuple[int, int], where: str, reshape: bool) -> np.ndarray:
    """The first shape with -1 where the length stands, int32.

    Raises:
        UserError: a number moved that is not the length, or a RESHAPE would have to infer two sizes.
    """
    if np.shape(difference.first) != np.shape(difference.second):
        raise _refusal(where, difference, marks)
    first, second = np.array(difference.first, np.int32), np.array(difference.second, np.int32)
    moved = first != second
    if not np.all((first[moved] == marks[0]) & (second[moved] == marks[1])):
        raise _refusal(where, difference, marks)
    opened = np.where(moved, DYNAMIC, first).astype(np.int32)
    if reshape and np.count_nonzero(opened == DYNAMIC) > 1:
        raise UserError(
            f"the length occurs twice in the new shape {first.tolist()} of a RESHAPE, which can infer only one size; "
            "the .tflite cannot be made dynamic. Ask for a static length."
        )
    return opened


def _readers(model: Model, buffer: int) -> Iterator[tuple[str, int, int]]:
    """(operator, which of its inputs, tensor type) of everything that reads a constant."""
    for graph, entry in enumerate(model.subgraphs):
        for index, operator in enumerate(entry.operators or []):
            for place, tensor in enumerate(operator.inputs if operator.inputs is not None else ()):
                if tensor >= 0 and entry.tensors[tensor].buffer == buffer:
                    yield operator_name(model, graph, index), place, entry.tensors[tensor].type


def _owner(model: Model, path: tuple[str | int, ...]) -> str:
    """The operator that a path belongs to, for a message: itself, or the one that makes or reads the tensor."""
    match path:
        case ("subgraphs", int(graph), "operators", int(operator), *_):
            return operator_name(model, graph, operator)
        case ("subgraphs", int(graph), "tensors", int(tensor), *_):
            operators = model.subgraphs[graph].operators or []
            for index, operator in enumerate(operators):
                if tensor in list(operator.outputs):
                    return operator_name(model, graph, index)
            for index, operator in enumerate(operators):
                if operator.inputs is not None and tensor in list(operator.inputs):
                    return operator_name(model, graph, index)
    return ".".join(map(str, path)) or "the model"


def _refusal(where: str, difference: Difference, marks: tuple[int, int]) -> UserError:
    return UserError(
        f"the length enters {where} in a way that cannot be left open: at {marks[0]} tokens {_shown(difference.first)}, at "
        f"{marks[1]} tokens {_shown(difference.second)}. The .tflite cannot be made dynamic; ask for a static length."
    )


def _shown(value: object) -> str:
    text = str(value.tolist()) if isinstance(value, np.ndarray) and value.size <= 16 else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
