"""Which numbers of a .tflite become -1, and which models are refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from pocketbert.edge_export.lowering import tflite
from pocketbert.edge_export.lowering.flatbuffer_inline import pack, unpack
from pocketbert.edge_export.lowering.flatbuffer_length import make_length_dynamic
from pocketbert.tasks import UserError

MARKS = (37, 41)
OPERATORS = schema.BuiltinOperator


class Width37(torch.nn.Module):
    """Its width is the first mark: (1, n, 37) at 37 tokens is (1, 37, 37)."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.word = torch.nn.Embedding(50, MARKS[0])
        self.linear = torch.nn.Linear(MARKS[0], MARKS[0])

    def forward(self, input_ids, attention_mask, token_type_ids):
        """int32 (1, n) each -> {"logits": float32 (1, 37)}."""
        x = self.word(input_ids) * (attention_mask + token_type_ids).to(torch.float32).unsqueeze(-1)  # (1, n, 37)
        x = torch.tanh(self.linear(x)).view(1, -1, 1, MARKS[0])
        return {"logits": x.mean((1, 2))}


class Flattened(Width37):
    """The length enters by a product, n * 37, which no -1 stands for beside another size."""

    def forward(self, input_ids, attention_mask, token_type_ids):
        """int32 (1, n) each -> {"logits": float32 (1, n * 37)}."""
        x = self.word(input_ids) * (attention_mask + token_type_ids).to(torch.float32).unsqueeze(-1)
        return {"logits": torch.cumsum(x.reshape(1, -1), 1)}


def converted(module: torch.nn.Module) -> tuple[bytes, bytes]:
    first, second = (tflite.convert(module, mark) for mark in MARKS)
    return first, second


def test_a_width_equal_to_a_mark_is_not_touched():
    module = Width37()
    compute = make_length_dynamic(*converted(module), MARKS)
    shapes = [t for t in unpack(compute).subgraphs[0].tensors if list(t.shape) == [1, 37, 37]]
    assert shapes and all(t.shapeSignature.tolist() == [1, -1, 37] for t in shapes)
    interpreter = Interpreter(model_content=compute)
    for n in (2, 37, 5, 41, 100):
        for entry in interpreter.get_input_details():
            interpreter.resize_tensor_input(entry["index"], [1, n], strict=True)
        interpreter.allocate_tensors()
        ids = torch.arange(n, dtype=torch.int32)[None] % 50
        given = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
        for entry in interpreter.get_input_details():
            interpreter.set_tensor(entry["index"], given[entry["name"].removeprefix("serving_default_")].numpy())
        interpreter.invoke()
        got = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        assert np.abs(got - module(**given)["logits"].detach().numpy()).max() < 1e-6, n


def test_a_length_that_enters_by_a_product_is_refused():
    with pytest.raises(UserError, match=r"1369.*1517.*static length"):  # 37 * 37 and 41 * 37
        make_length_dynamic(*converted(Flattened()), MARKS)


def made(length: int, *, new_shape=(1, None, 4), operator: str = "RESHAPE", reader: int = 1, extra: int = 0) -> schema.ModelT:
    """[1, n * 4] -> RESHAPE -> new_shape by hand, None standing for n; `reader` is the input that the constant is."""
    shape = [length if size is None else size for size in new_shape]
    constant = np.frombuffer(np.array(shape, np.int32).tobytes(), np.uint8)
    int32, float32 = schema.TensorType.INT32, schema.TensorType.FLOAT32
    tensors = [
        schema.TensorT(shape=np.array([1, length], np.int32), type=float32, buffer=0, name="x"),
        schema.TensorT(shape=np.array([len(shape)], np.int32), type=int32, buffer=1, name="shape"),
        schema.TensorT(shape=np.array([4, 4 + extra], np.int32), type=float32, buffer=0, name="y"),
    ]
    number = getattr(OPERATORS, operator)
    inputs = [0, 1] if reader == 1 else [1, 0]
    step = schema.OperatorT(opcodeIndex=0, inputs=np.array(inputs, np.int32), outputs=np.array([2], np.int32))
    graph = schema.SubGraphT(tensors=tensors, inputs=np.array([0]), outputs=np.array([2]), operators=[step])
    return schema.ModelT(
        version=3,
        operatorCodes=[schema.OperatorCodeT(builtinCode=number, deprecatedBuiltinCode=min(number, 127), version=1)],
        subgraphs=[graph],
        buffers=[schema.BufferT(), schema.BufferT(data=constant)],
    )


def opened(**changes) -> schema.ModelT:
    first, second = (pack(made(mark, **changes)) for mark in MARKS)
    return unpack(make_length_dynamic(first, second, MARKS))


def test_the_length_in_a_reshape_becomes_minus_one_and_nothing_else_moves():
    model = opened(new_shape=(1, None, 37))
    assert np.frombuffer(bytes(model.buffers[1].data), np.int32).tolist() == [1, -1, 37]
    x, _, y = model.subgraphs[0].tensors
    assert x.shapeSignature.tolist() == [1, -1] and x.shape.tolist() == [1, 37]
    assert y.shapeSignature is None and y.shape.tolist() == [4, 4]


def test_the_length_twice_in_one_reshape_is_refused():
    with pytest.raises(UserError, match=r"twice in the new shape \[37, 37\] of a RESHAPE"):
        opened(new_shape=(None, None))


def test_a_constant_that_another_operator_reads_is_refused_by_its_name():
    with pytest.raises(UserError, match="a constant that BROADCAST_TO reads"):
        opened(operator="BROADCAST_TO")


def test_a_constant_that_reshape_reads_as_data_is_refused():
    with pytest.raises(UserError, match="cannot be left open"):
        opened(reader=0)


def changed(change) -> UserError:
    first = made(MARKS[0])
    second = made(MARKS[1])
    change(second)
    with pytest.raises(UserError) as caught:
        make_length_dynamic(pack(first), pack(second), MARKS)
    return caught.value


def test_a_number_that_moves_otherwise_is_refused():
    def wider(model):
        model.subgraphs[0].tensors[2].shape = np.array([4, 5], np.int32)

    assert "RESHAPE" in str(changed(wider)) and "[4, 5]" in str(changed(wider))


def test_another_operator_or_one_more_is_refused():
    def other(model):
        model.operatorCodes[0].builtinCode = OPERATORS.BROADCAST_TO

    def one_more(model):
        model.subgraphs[0].operators.append(copy.deepcopy(model.subgraphs[0].operators[0]))

    assert "at 37 tokens RESHAPE, at 41 tokens BROADCAST_TO" in str(changed(other))
    assert "at 37 tokens nothing, at 41 tokens RESHAPE" in str(changed(one_more))


def test_an_attribute_that_depends_on_the_length_is_refused():
    def with_option(model, size):
        model.operatorCodes[0].builtinCode = model.operatorCodes[0].deprecatedBuiltinCode = OPERATORS.SQUEEZE
        model.buffers[1].data = model.buffers[1].data[:0]
        operator = model.subgraphs[0].operators[0]
        operator.builtinOptionsType = schema.BuiltinOptions.SqueezeOptions
        operator.builtinOptions = schema.SqueezeOptionsT(squeezeDims=np.array([size], np.int32))
        return pack(model)

    with pytest.raises(UserError, match="enters SQUEEZE"):
        make_length_dynamic(with_option(made(37), 37), with_option(made(41), 41), MARKS)


def test_a_model_without_a_length_is_refused():
    with pytest.raises(UserError, match="nothing in it depends on the length"):
        make_length_dynamic(pack(made(37)), pack(made(37)), MARKS)
