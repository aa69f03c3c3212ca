"""Multiply-accumulates of a torch.export graph, at one length.

Only matrix products are counted (linear, mm, addmm, bmm, matmul): they are the work, and what is said about delegation by
share of them holds for time. What is counted at other places by number of operators is named there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

import torch


def macs_at(nodes: Iterable[torch.fx.Node], length: int) -> int:
    """Multiply-accumulates of these nodes when the text has `length` tokens."""
    return sum(_product(node, length) for node in nodes if node.op == "call_function")


def _product(node: torch.fx.Node, length: int) -> int:
    name = operator_name(node).rpartition("::")[2].split(".")[0]
    # where the left factor stands among the arguments; its last dimension is the one summed over
    left = {"linear": 0, "mm": 0, "bmm": 0, "matmul": 0, "addmm": 1}.get(name)
    if left is None:
        return 0
    factor = cast(torch.fx.Node, node.args[left])  # of all that an argument may be
    inner = size_at(factor.meta["val"].shape[-1], length)
    return inner * math.prod(size_at(size, length) for size in node.meta["val"].shape)


def size_at(size: int | torch.SymInt, length: int) -> int:
    """A size, its symbol replaced by the length: the graphs here have no other symbol."""
    if isinstance(size, int):
        return size
    expression = size.node.expr
    return int(expression.subs(dict.fromkeys(expression.free_symbols, length)))


def operator_name(node: torch.fx.Node) -> str:
    """`aten::bmm` for aten and edge operators alike, else the function's own name."""
    target = node.target
    schema = getattr(target, "_schema", None)
    return schema.name if schema is not None else getattr(target, "__name__", str(target))
