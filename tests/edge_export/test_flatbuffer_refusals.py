"""What the marker rewrite opens and what it refuses, on graphs written by hand in which every number is known."""

from __future__ import annotations

import numpy as np
import pytest

from pocketbert.tasks import UserError

pytest.importorskip("ai_edge_litert", reason="the LiteRT runtime is not installed")
from pocketbert.edge_export.lowering.flatbuffer_inline import unpack  # noqa: E402
from pocketbert.edge_export.lowering.flatbuffer_length import make_length_dynamic  # noqa: E402

MARKS = (37, 41)
BIAS = np.arange(37, dtype=np.float32)


@pytest.fixture
def width_equal_to_a_mark(tiny_tflite):
    """[1, n, 37] seen as [n, 37], plus 37 numbers, seen as [1, n, 37] again; the first shape also stands in the options."""

    def build(n: int) -> bytes:
        graph = tiny_tflite()
        flat = graph.reshape(graph.input((1, n, 37)), (n, 37))
        graph.reshape(graph.operator("ADD", [flat, graph.constant(BIAS)], (n, 37)), (1, n, 37), told=False)
        return graph.bytes()

    return build


def test_what_was_opened_runs_at_every_length_up_and_down(width_equal_to_a_mark):
    from ai_edge_litert.interpreter import Interpreter

    compute = make_length_dynamic(width_equal_to_a_mark(37), width_equal_to_a_mark(41), MARKS)
    interpreter = Interpreter(model_content=compute, num_threads=1)
    for n in (2, 3, 36, 37, 38, 41, 64, 5, 2):
        x = np.random.default_rng(n).normal(size=(1, n, 37)).astype(np.float32)
        interpreter.resize_tensor_input(0, x.shape, strict=True)  # strict: only what the signature leaves open
        interpreter.allocate_tensors()
        interpreter.set_tensor(0, x)
        interpreter.invoke()
        np.testing.assert_array_equal(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), x + BIAS)


@pytest.mark.parametrize("marks", [(37, 41), (41, 37), (43, 47)])
def test_only_the_length_moves_in_shapes_constants_and_options(width_equal_to_a_mark, marks):
    model = unpack(make_length_dynamic(width_equal_to_a_mark(marks[0]), width_equal_to_a_mark(marks[1]), marks))
    graph = model.subgraphs[0]
    signatures = [None if t.shapeSignature is None else t.shapeSignature.tolist() for t in graph.tensors]
    # in the order written: input, new shape, flat, bias, sum, new shape, output
    assert signatures == [[1, -1, 37], None, [-1, 37], None, [-1, 37], None, [1, -1, 37]]
    constants = [model.buffers[graph.tensors[index].buffer].data.tobytes() for index in (1, 3, 5)]
    assert constants == [np.array(c, k).tobytes() for c, k in (([-1, 37], "i4"), (BIAS, "f4"), ([1, -1, 37], "i4"))]
    assert graph.operators[0].builtinOptions.newShape.tolist() == [-1, 37]


def test_files_of_other_lengths_than_the_marks_are_refused(width_equal_to_a_mark):
    for one, other in ((41, 37), (37, 43), (38, 42)):
        with pytest.raises(UserError, match="the length enters RESHAPE"):
            make_length_dynamic(width_equal_to_a_mark(one), width_equal_to_a_mark(other), MARKS)


def refusal(tiny_tflite, grow) -> str:
    """What is said when `grow(graph, x, n)` adds operators to a graph with the input x, float32 [1, n, 4]."""

    def build(n: int) -> bytes:
        graph = tiny_tflite()
        grow(graph, graph.input((1, n, 4)), n)
        return graph.bytes()

    with pytest.raises(UserError) as caught:
        make_length_dynamic(build(MARKS[0]), build(MARKS[1]), MARKS)
    return str(caught.value)


def test_a_product_is_refused_wherever_it_stands(tiny_tflite):
    told = refusal(tiny_tflite, lambda graph, x, n: graph.reshape(x, (2 * n, 2)))
    assert "enters RESHAPE" in told and "at 37 tokens [74, 2], at 41 tokens [82, 2]" in told
    told = refusal(tiny_tflite, lambda graph, x, n: graph.operator("RESHAPE", [x, graph.constant(np.int32([4 * n]))], (1,)))
    assert "enters RESHAPE" in told and "at 37 tokens [148], at 41 tokens [164]" in told


def test_a_length_that_stands_twice_in_a_new_shape_is_refused(tiny_tflite):
    def grow(graph, x, n):
        graph.reshape(graph.operator("BATCH_MATMUL", [x, x], (1, n, n), adjX=False, adjY=True), (n, n))

    assert "twice in the new shape [37, 37] of a RESHAPE" in refusal(tiny_tflite, grow)


def test_a_constant_with_another_value_is_refused(tiny_tflite):
    """Of the same size, such as 1 / n."""

    def grow(graph, x, n):
        graph.operator("MUL", [x, graph.constant(np.full(4, 1 / n, np.float32))], (1, n, 4))

    assert "a constant that MUL reads" in refusal(tiny_tflite, grow)


def test_a_table_cut_to_the_length_is_refused(tiny_tflite):
    """Positions sliced at conversion: a constant of n rows."""

    def grow(graph, x, n):
        graph.operator("ADD", [x, graph.constant(np.ones((1, n, 4), np.float32))], (1, n, 4))

    assert "a constant that ADD reads" in refusal(tiny_tflite, grow)


@pytest.mark.parametrize("shared", [False, True])  # True: it is a RESHAPE's new shape as well
def test_a_constant_that_reads_like_a_shape_but_is_none_is_refused(tiny_tflite, shared):
    def grow(graph, x, n):
        shape = graph.constant(np.int32([1, n, 4]))
        x = graph.operator("RESHAPE", [x, shape], (1, n, 4)) if shared else x
        graph.operator("SLICE", [x, graph.constant(np.int32([0, 0, 0])), shape], (1, n, 4))

    assert "a constant that SLICE reads" in refusal(tiny_tflite, grow)


def test_a_constant_that_only_one_file_has_is_refused(tiny_tflite):
    def grow(graph, x, n):
        graph.reshape(x, (1, n, 4))
        if n > 40:
            graph.buffers[-1].data = None

    assert "at 41 tokens None" in refusal(tiny_tflite, grow)


def test_an_option_that_moves_is_refused(tiny_tflite):
    def grow(graph, x, n):
        graph.operator("CONCATENATION", [x, x], (1, n, 8), axis=2, fusedActivationFunction=int(n > 40))

    told = refusal(tiny_tflite, grow)
    assert "enters CONCATENATION" in told and "at 37 tokens 0, at 41 tokens 1" in told


def test_other_operators_are_refused_by_name(tiny_tflite):
    told = refusal(tiny_tflite, lambda graph, x, n: graph.operator("EXP" if n > 40 else "ABS", [x], (1, n, 4)))
    assert "(number 0)" in told and "at 37 tokens ABS, at 41 tokens EXP" in told

    def one_more(graph, x, n):
        for _ in range(2 if n > 40 else 1):
            graph.operator("ABS", [x], (1, n, 4))

    told = refusal(tiny_tflite, one_more)
    assert "(number 1)" in told and "at 37 tokens nothing, at 41 tokens ABS" in told
