"""The .onnx in onnxruntime, against the encoder in torch; and the baselines that are built by the same tools."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
import transformers as hf

from pocketbert.edge_export.baselines import onnxruntime_int8, torch_callable
from pocketbert.edge_export.encoder import edge_encoder
from pocketbert.edge_export.lowering import onnx
from pocketbert.edge_export.lowering.lowered import Wanted
from pocketbert.edge_export.lowering.onnx_kernels import delegation
from pocketbert.edge_export.quantization import quantization
from pocketbert.edge_export.source import takes_token_types

LONGEST = 48
NAMES = ("input_ids", "attention_mask", "token_type_ids")
TEXTS = ("wake me at six", "play café jazz please", "forecast for monday", "call my mother now", "lights off in room 12")


@pytest.fixture(scope="module")
def encoder(small_folder):
    return edge_encoder(hf.AutoModelForSequenceClassification.from_pretrained(small_folder), LONGEST)


@pytest.fixture(scope="module")
def exact(encoder):
    return {name: onnx.lower(encoder, Wanted(quantization(name), LONGEST)) for name in ("fp32", "int8")}


def load(compute: bytes):
    import onnxruntime

    return onnxruntime.InferenceSession(compute, providers=["CPUExecutionProvider"])


def inputs(length: int, padded: int | None = None, vocabulary: int = 100) -> tuple[torch.Tensor, ...]:
    """ids, mask, types, int32 (1, padded); the ids depend on nothing but the length."""
    generator = torch.Generator().manual_seed(length)
    ids = torch.randint(3, vocabulary, (1, length), generator=generator, dtype=torch.int32)
    types = (torch.arange(length) >= length // 2).int()[None]
    given = (ids, torch.ones_like(ids), types)
    return tuple(torch.nn.functional.pad(x, (0, (padded or length) - length)) for x in given)


def run(session, given) -> torch.Tensor:
    return torch.from_numpy(session.run(None, {name: x.numpy() for name, x in zip(NAMES, given, strict=True)})[0])


def encoded(folder, text: str) -> tuple[torch.Tensor, ...]:
    given = hf.AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    return tuple(given[name].int() for name in NAMES)


def test_fp32_equals_torch_at_every_length_padded_and_not(encoder, exact):
    session = load(exact["fp32"].compute)
    for length in [*range(2, LONGEST + 1), 3]:
        expected = encoder(*inputs(length))
        assert (run(session, inputs(length)) - expected).abs().max() < 1e-4, length
        assert (run(session, inputs(length, LONGEST)) - expected).abs().max() < 1e-4, length


def test_int8_runs_every_length_and_stays_near_fp32(encoder, exact):
    session = load(exact["int8"].compute)
    expected = torch.cat([encoder(*inputs(length)) for length in range(2, LONGEST + 1)])
    got = torch.cat([run(session, inputs(length)) for length in range(2, LONGEST + 1)])
    assert (got - expected).abs().mean() < 0.08 * expected.std()
    assert not torch.equal(got, expected), "nothing was quantized"


def test_int8_does_not_see_what_the_padding_tokens_own_row_holds(small_folder):
    """Activations have one scale a tensor, so that a row which nobody trained would move every text that is padded."""
    outputs = []
    for value in (0.0, 100.0):
        model = hf.AutoModelForSequenceClassification.from_pretrained(small_folder)
        model.bert.embeddings.word_embeddings.weight.data[0, 5] = value
        session = load(onnx.lower(edge_encoder(model, LONGEST), Wanted(quantization("int8"), LONGEST)).compute)
        outputs.append(torch.cat([run(session, inputs(length, LONGEST)) for length in (3, 10, 40)]))
    assert torch.equal(*outputs)


def test_int8_gives_the_same_label_as_torch_for_real_text(encoder, exact, small_folder):
    session = load(exact["int8"].compute)
    for text in TEXTS:
        given = encoded(small_folder, text)
        assert run(session, given).argmax() == encoder(*given).argmax(), text


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_inputs_and_output_are_as_every_container_has_them(exact, name):
    session = load(exact[name].compute)
    assert [(i.name, i.type, i.shape) for i in session.get_inputs()] == [(n, "tensor(int32)", [1, "n"]) for n in NAMES]
    assert [(o.name, o.type, o.shape) for o in session.get_outputs()] == [("logits", "tensor(float)", [1, 5])]


def test_int8_file_is_a_quarter_and_tells_nothing_of_this_machine(encoder, exact):
    weights = sum(p.numel() for p in encoder.parameters() if p.dim() == 2)
    rest = sum(p.numel() for p in encoder.state_dict().values()) - weights
    compute = exact["int8"].compute
    # a byte a weight, four a vector element, position entry and scale, and the graph itself
    assert len(compute) < weights + 4 * rest + 8 * encoder.vocabulary_size + 40_000
    for lowered in exact.values():
        assert os.getcwd().encode() not in lowered.compute and b"site-packages" not in lowered.compute


def test_bytes_are_the_same_twice(encoder, exact):
    assert onnx.lower(encoder, Wanted(quantization("int8"), LONGEST)).compute == exact["int8"].compute


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_profile_accounts_for_every_multiply_accumulate(exact, name):
    told = exact[name].delegation
    # written down from the architecture: one whole layer, then one of which only the first token is computed, then the head
    n, hidden, ffn = LONGEST, 64, 128
    whole = 4 * n * hidden**2 + 2 * n * hidden * ffn + 2 * n**2 * hidden
    first = 2 * n * hidden**2 + 2 * hidden**2 + 2 * hidden * ffn + 2 * n * hidden
    assert told.macs == told.delegated_macs == whole + first + hidden**2 + hidden * 5
    assert told.left_over == {} and told.partitions == 1


def test_linears_left_float_in_an_int8_file_are_told(exact):
    honest = exact["fp32"].delegation
    told = delegation(exact["fp32"].compute, LONGEST, honest.macs, quantization("int8"))
    attention = 2 * LONGEST**2 * 64 + 2 * LONGEST * 64  # the products of activations, which no recipe quantizes
    assert told.delegated_macs == attention
    assert sum(told.left_over.values()) == 2 * 6 + 2 and all("float weights" in name for name in told.left_over)


def test_static_length_probabilities_and_a_family_without_token_types():
    torch.manual_seed(1)
    shape = {"vocab_size": 60, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 12}
    encoder = edge_encoder(hf.DistilBertForSequenceClassification(hf.DistilBertConfig(**shape, num_labels=3)), 12)
    lowered = onnx.lower(encoder, Wanted(quantization("int8"), max_length=12, static_length=7, probabilities=True))
    session = load(lowered.compute)
    assert [(i.name, i.shape) for i in session.get_inputs()] == [(name, [1, 7]) for name in NAMES]
    assert [o.name for o in session.get_outputs()] == ["probabilities"]
    given = inputs(5, padded=7, vocabulary=60)
    assert (run(session, given) - torch.softmax(encoder(*given), -1)).abs().max() < 0.02
    assert lowered.delegation.length == 7 and lowered.delegation.share == 1.0


def test_baselines_compute_the_same_model(encoder, small_folder, tmp_path):
    peer = load(onnxruntime_int8(small_folder, tmp_path / "peer.onnx").read_bytes())
    threads = torch.get_num_threads()
    whole = torch_callable(small_folder, 1)
    torch.set_num_threads(threads)
    for text in TEXTS:
        given = encoded(small_folder, text)
        expected = encoder(*given)
        assert np.abs(whole(*(x.numpy() for x in given)) - expected.numpy()).max() < 1e-5
        got = run(peer, [x.long() for x in given])
        assert got.argmax() == expected.argmax() and (got - expected).abs().mean() < 0.1 * expected.std()
    # quantized, and fused as onnxruntime's optimizer does it
    assert {"MatMulInteger", "SkipLayerNormalization", "BiasGelu"} <= onnx_operators(tmp_path / "peer.onnx")


def onnx_operators(path) -> set[str]:
    import onnx as proto

    return {node.op_type for node in proto.load(path).graph.node}


def test_token_types_go_to_the_families_that_take_them_whatever_the_config_says():
    sizes = {"vocab_size": 30, "max_position_embeddings": 20}
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    distil = hf.DistilBertConfig(**sizes, dim=16, n_layers=1, n_heads=2, hidden_dim=16, type_vocab_size=2)
    models = {
        hf.BertForSequenceClassification(hf.BertConfig(**sizes, **small)): True,
        hf.RobertaForSequenceClassification(hf.RobertaConfig(**sizes, **small, type_vocab_size=1)): False,  # fails on a 1
        hf.DistilBertForSequenceClassification(distil): False,
    }
    given = dict(zip(NAMES, (x.long() for x in inputs(6, vocabulary=30)), strict=True))  # some types are 1
    for model, typed in models.items():
        assert takes_token_types(model) is typed
        names = NAMES if typed else NAMES[:2]
        assert torch.isfinite(model(**{name: given[name] for name in names}).logits).all()
