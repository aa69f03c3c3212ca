"""The .tflite in LiteRT's interpreter, against the encoder in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers as hf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from pocketbert.edge_export.encoder import edge_encoder
from pocketbert.edge_export.lowering import tflite
from pocketbert.edge_export.lowering.flatbuffer_inline import internalise, pack, unpack
from pocketbert.edge_export.lowering.flatbuffer_length import operator_name
from pocketbert.edge_export.lowering.lowered import Wanted
from pocketbert.edge_export.lowering.tflite_delegation import measure_delegation
from pocketbert.edge_export.quantization import quantization
from pocketbert.tasks import UserError

LONGEST = 48
NAMES = ("input_ids", "attention_mask", "token_type_ids")


@pytest.fixture(scope="module")
def encoder(small_folder):
    return edge_encoder(hf.AutoModelForSequenceClassification.from_pretrained(small_folder), LONGEST)


@pytest.fixture(scope="module")
def exact(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cwd")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        made = {name: tflite.lower(encoder, Wanted(quantization(name), LONGEST)) for name in ("fp32", "int8")}
    assert list(folder.iterdir()) == [], "lowering left files behind"
    return made


@pytest.fixture(scope="module")
def static(encoder):
    return tflite.lower(encoder, Wanted(quantization("fp32"), LONGEST, static_length=16, probabilities=True))


def inputs(length: int, padded: int | None = None, vocabulary: int = 100) -> tuple[torch.Tensor, ...]:
    """ids, mask, types, int32 (1, padded); the ids depend on nothing but the length."""
    generator = torch.Generator().manual_seed(length)
    ids = torch.randint(3, vocabulary, (1, length), generator=generator, dtype=torch.int32)
    types = (torch.arange(length) >= length // 2).int()[None]
    given = (ids, torch.ones_like(ids), types)
    return tuple(torch.nn.functional.pad(x, (0, (padded or length) - length)) for x in given)


def run(interpreter: Interpreter, given) -> torch.Tensor:
    """Through the tensors' names, resizing where the length changed."""
    details = {entry["name"].removeprefix("serving_default_"): entry for entry in interpreter.get_input_details()}
    assert sorted(details) == sorted(NAMES)
    for entry in details.values():
        if entry["shape"].tolist() != list(given[0].shape):
            interpreter.resize_tensor_input(entry["index"], list(given[0].shape), strict=True)
    interpreter.allocate_tensors()
    for name, x in zip(NAMES, given, strict=True):
        interpreter.set_tensor(details[name]["index"], x.numpy())
    interpreter.invoke()
    return torch.from_numpy(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


def load(compute: bytes) -> Interpreter:
    return Interpreter(model_content=compute, num_threads=1)


def test_tflite_fp32_equals_torch_at_every_length_in_any_order(encoder, exact):
    interpreter = load(exact["fp32"].compute)
    shuffled = np.random.default_rng(0).permutation(np.arange(2, LONGEST + 1)).tolist()
    for length in [*range(2, LONGEST + 1), *range(LONGEST, 1, -1), *shuffled]:
        assert (run(interpreter, inputs(length)) - encoder(*inputs(length))).abs().max() < 1e-4, length


def test_tflite_padding_changes_no_logits(exact):
    for name, lowered in exact.items():
        interpreter = load(lowered.compute)
        for length in (2, 7, 23):
            alone = run(interpreter, inputs(length))
            for padded in (length + 1, 37, LONGEST):
                assert (run(interpreter, inputs(length, padded)) - alone).abs().max() < 1e-6, (name, length, padded)


def test_tflite_int8_stays_near_fp32_and_holds_the_table_in_int8(encoder, exact):
    interpreter = load(exact["int8"].compute)
    expected = torch.cat([encoder(*inputs(length)) for length in range(2, LONGEST + 1)])
    got = torch.cat([run(interpreter, inputs(length)) for length in range(2, LONGEST + 1)])
    assert (got - expected).abs().mean() < 0.08 * expected.std()
    assert not torch.equal(got, expected), "nothing was quantized"
    rows, width = encoder.word.weight.shape
    model = unpack(exact["int8"].compute)
    (table,) = [t for t in model.subgraphs[0].tensors if t.shape is not None and list(t.shape) == [rows, width]]
    assert table.type == schema.TensorType.INT8
    assert len(table.quantization.scale) == rows, "one scale a row"


def test_tflite_signature_names_inputs_and_output(exact, static):
    for lowered, output in ((exact["int8"], "logits"), (static, "probabilities")):
        signature = load(lowered.compute).get_signature_list()["serving_default"]
        assert sorted(signature["inputs"]) == sorted(NAMES)
        assert signature["outputs"] == [output]


def test_tflite_weights_lie_inside_and_aligned(exact):
    """Addresses are taken from the raw tables, not from our own reader."""
    for name, lowered in exact.items():
        root = schema.Model.GetRootAs(lowered.compute, 0)
        base = np.frombuffer(lowered.compute, np.uint8).__array_interface__["data"][0]
        filled = 0
        for index in range(root.BuffersLength()):
            buffer = root.Buffers(index)
            assert buffer.Offset() == 0 and buffer.Size() == 0, name
            if buffer.DataLength():
                filled += 1
                assert (buffer.DataAsNumpy().__array_interface__["data"][0] - base) % 16 == 0, (name, index)
        assert filled > 20


def test_weights_written_behind_the_flatbuffer_are_brought_in(exact):
    """The quantizer's layout made by hand: one buffer's bytes after the end, the buffer naming the place."""
    compute = exact["fp32"].compute
    model = unpack(compute)
    largest = max(range(len(model.buffers)), key=lambda i: 0 if model.buffers[i].data is None else len(model.buffers[i].data))
    weights = bytes(model.buffers[largest].data)
    builder_model = unpack(compute)
    builder_model.buffers[largest].data = None
    outside = bytearray(pack(builder_model))
    table = schema.Model.GetRootAs(outside, 0)
    assert table.Buffers(largest).DataLength() == 0 and weights not in bytes(outside)
    moved = unpack(bytes(outside))
    moved.buffers[largest].offset, moved.buffers[largest].size = 1, 1
    import flatbuffers

    def packed(offset: int, size: int) -> bytes:
        moved.buffers[largest].offset, moved.buffers[largest].size = offset, size
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(moved.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    head = packed(2, 2)  # same length whatever the numbers are
    external = packed(len(head), len(weights)) + weights
    inside = internalise(external)
    assert weights in inside
    assert schema.Model.GetRootAs(inside, 0).Buffers(largest).Offset() == 0
    assert torch.equal(run(load(inside), inputs(9)), run(load(compute), inputs(9)))
    with pytest.raises(UserError, match="cut off"):
        internalise(external[:-1])


def test_tflite_bytes_are_the_same_twice(encoder, exact):
    again = tflite.lower(encoder, Wanted(quantization("int8"), LONGEST))
    assert again.compute == exact["int8"].compute


def test_tflite_static_length_with_probabilities(encoder, static):
    interpreter = load(static.compute)
    assert [entry["shape_signature"].tolist() for entry in interpreter.get_input_details()] == [[1, 16]] * 3
    for length in (2, 9, 16):
        got = run(interpreter, inputs(length, 16))
        expected = torch.softmax(encoder(*inputs(length)), -1)
        assert (got - expected).abs().max() < 1e-5


def test_tflite_keeps_token_types_as_input_where_the_model_reads_none():
    torch.manual_seed(0)
    config = hf.DistilBertConfig(
        vocab_size=100, dim=32, n_layers=1, n_heads=2, hidden_dim=64, max_position_embeddings=20, num_labels=3
    )
    encoder = edge_encoder(hf.DistilBertForSequenceClassification(config).eval(), 20)
    interpreter = load(tflite.lower(encoder, Wanted(quantization("fp32"), 20)).compute)
    for length in (2, 11, 20):
        assert (run(interpreter, inputs(length)) - encoder(*inputs(length))).abs().max() < 1e-5


def test_tflite_delegation_counts_the_multiplications_by_hand(exact):
    """hidden 64, feed-forward 128, 2 layers, 5 labels; the last layer computes one token but keys and values of all."""
    n = LONGEST
    first = 4 * n * 64 * 64 + 2 * n * 64 * 128 + 2 * n * n * 64
    last = 2 * n * 64 * 64 + 2 * 64 * 64 + 2 * 64 * 128 + 2 * n * 64
    head = 64 * 64 + 64 * 5
    for lowered in exact.values():
        found = lowered.delegation
        assert (found.macs, found.length, found.backend) == (first + last + head, n, "XNNPACK")
        assert found.share == 1.0 and found.partitions >= 1
        assert found.left_over["EMBEDDING_LOOKUP"] == 2, "tables are looked up outside XNNPACK"
        assert not {"FULLY_CONNECTED", "BATCH_MATMUL", "SOFTMAX", "MEAN"} & set(found.left_over)


def test_tflite_delegation_without_the_delegate_is_none(exact):
    found = measure_delegation(exact["fp32"].compute, 8, delegate=False)
    assert found.share == 0.0 and found.delegated_macs == 0 and found.macs > 0 and found.partitions == 0
    # queries, keys, values, attention output, two feed-forward a layer; two in the head
    assert found.left_over["FULLY_CONNECTED"] == 2 * 6 + 2
    assert found.left_over["BATCH_MATMUL"] == 2 * 2


def test_tflite_delegation_sees_one_linear_that_xnnpack_does_not_take(exact):
    """XNNPACK packs constant biases only. The head's first linear, (1, 64) -> (1, 64), gets its input as its bias."""
    model = unpack(exact["fp32"].compute)
    graph = model.subgraphs[0]
    linears = [i for i in range(len(graph.operators)) if operator_name(model, 0, i) == "FULLY_CONNECTED"]
    of, weights, _ = graph.operators[linears[-2]].inputs
    assert list(graph.tensors[weights].shape) == [64, 64]
    graph.operators[linears[-2]].inputs = np.array([of, weights, of], np.int32)
    found = measure_delegation(pack(model), 8)
    assert found.macs - found.delegated_macs == 64 * 64
    assert found.left_over["FULLY_CONNECTED"] == 1
    assert found.partitions == exact["fp32"].delegation.partitions + 1


def test_not_a_tflite_is_said_so():
    with pytest.raises(UserError, match="not a .tflite"):
        unpack(b"\x00" * 64)
