"""The share of work inside XNNPACK, on graphs whose multiply-accumulates are counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pocketbert.edge_export.lowering.tflite_delegation import measure_delegation

N = 8


def linear(graph, of, inputs: int, outputs: int) -> int:
    weights = graph.constant(np.ones((outputs, inputs), np.float32))
    return graph.operator("FULLY_CONNECTED", [of, weights, -1], (1, outputs))


@pytest.fixture
def floats(tiny_tflite):
    """A graph that begins with int32 [1, N] cast to float."""
    graph = tiny_tflite()
    ids = graph.input((1, N), np.int32)
    types = graph.schema.TensorType
    return graph, ids, graph.operator("CAST", [ids], (1, N), inDataType=types.INT32, outDataType=types.FLOAT32)


def test_a_graph_taken_whole_but_for_the_cast(floats):
    graph, _, x = floats
    told = measure_delegation(graph.bytes(linear(graph, linear(graph, x, N, 3), 3, 5)), N)
    assert (told.macs, told.delegated_macs, told.share) == (N * 3 + 3 * 5, N * 3 + 3 * 5, 1.0)
    assert told.left_over == {"CAST": 1} and told.partitions == 1 and told.length == N


def refused_linear(graph, of, bias) -> int:
    """3 -> 5 with a computed bias; XNNPACK packs only constant ones."""
    weights = graph.constant(np.ones((5, 3), np.float32))
    return graph.operator("FULLY_CONNECTED", [of, weights, bias], (1, 5))


def test_a_linear_that_the_delegate_refuses_is_left_over(floats):
    graph, _, x = floats
    bias = graph.reshape(linear(graph, x, N, 5), (5,))
    told = measure_delegation(graph.bytes(refused_linear(graph, linear(graph, x, N, 3), bias)), N)
    assert (told.macs, told.delegated_macs) == (N * 3 + N * 5 + 3 * 5, N * 3 + N * 5)
    assert told.left_over["FULLY_CONNECTED"] == 1 and told.share < 1


def test_so_is_one_whose_size_only_a_run_can_tell(floats):
    """Its output has no memory before the first run, as if it lay inside the delegate."""
    graph, ids, x = floats
    bias, first = graph.reshape(linear(graph, x, N, 5), (5,)), linear(graph, x, N, 3)
    begin, size = graph.constant(np.array([0, 0], np.int32)), graph.constant(np.array([1, 2], np.int32))
    two = graph.operator("SLICE", [ids, begin, size], (1, 2), np.int32)
    shape = graph.operator("RESHAPE", [two, graph.constant(np.array([2], np.int32))], (2,), np.int32)
    unknown = graph.operator("RESHAPE", [first, shape], (1, 3))  # to whatever the first two ids say
    told = measure_delegation(graph.bytes(refused_linear(graph, unknown, bias)), N)
    assert (told.macs, told.delegated_macs) == (N * 3 + N * 5 + 3 * 5, N * 3 + N * 5)
    assert told.left_over["FULLY_CONNECTED"] == 1


def test_without_the_delegate_nothing_is_in_it(floats):
    graph, _, x = floats
    told = measure_delegation(graph.bytes(linear(graph, x, N, 3)), N, delegate=False)
    assert (told.share, told.partitions, told.left_over) == (0.0, 0, {"CAST": 1, "FULLY_CONNECTED": 1})
