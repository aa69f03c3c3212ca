"""The .pte in ExecuTorch's own Python runtime, against the encoder in torch."""

from __future__ import annotations

import os

import pytest
import torch
import transformers as hf

from pocketbert.edge_export.encoder import edge_encoder
from pocketbert.edge_export.lowering import pte
from pocketbert.edge_export.lowering.lowered import Wanted
from pocketbert.edge_export.quantization import quantization

HEAD_SIZE, LONGEST = 16, 48
TEXTS = ("wake me at six", "play café jazz please", "forecast for monday", "call my mother now", "lights off in room 12")


@pytest.fixture(scope="module")
def small(small_folder):
    return hf.AutoModelForSequenceClassification.from_pretrained(small_folder).eval()


@pytest.fixture(scope="module")
def exact_fp32(small):
    """The longest length is also the size of an attention head: sizes that are equal by chance must not be mixed up."""
    encoder = edge_encoder(small, HEAD_SIZE)
    return encoder, pte.lower(encoder, Wanted(quantization("fp32"), HEAD_SIZE))


@pytest.fixture(scope="module")
def exact_int8(small):
    encoder = edge_encoder(small, LONGEST)
    return encoder, pte.lower(encoder, Wanted(quantization("int8"), LONGEST))


def load(compute: bytes):
    import executorch.kernels.quantized  # noqa: F401
    from executorch.runtime import Runtime

    program = Runtime.get().load_program(compute)
    method = program.load_method("forward")
    method.alive = (program, compute)  # the runtime borrows the bytes: let go, and the next call is a segmentation fault
    return method


def inputs(length: int, padded: int | None = None, vocabulary: int = 100):
    """ids, mask, types, int32 (1, padded); the ids depend on nothing but the length."""
    generator = torch.Generator().manual_seed(length)
    ids = torch.randint(3, vocabulary, (1, length), generator=generator, dtype=torch.int32)
    types = (torch.arange(length) >= length // 2).int()[None]
    given = (ids, torch.ones_like(ids), types)
    return tuple(torch.nn.functional.pad(x, (0, (padded or length) - length)) for x in given)


def run(method, given) -> torch.Tensor:
    return method.execute(given)[0].clone()


def macs_of_bert(length: int, hidden: int, ffn: int, layers: int, outputs: int) -> int:
    """Written down from the architecture: all layers whole but the last, of which only the first token is computed."""
    body = 4 * length * hidden**2 + 2 * length * hidden * ffn + 2 * length**2 * hidden
    last = 2 * length * hidden**2 + 2 * hidden**2 + 2 * hidden * ffn + 2 * length * hidden
    return (layers - 1) * body + last + hidden**2 + hidden * outputs


def test_fp32_runs_every_length_and_equals_torch(exact_fp32):
    encoder, lowered = exact_fp32
    method = load(lowered.compute)
    for length in [*range(2, HEAD_SIZE + 1), 3]:
        got = run(method, inputs(length))
        assert got.shape == (1, 5) and got.dtype == torch.float32
        assert (got - encoder(*inputs(length))).abs().max() < 1e-4, length


def test_int8_runs_every_length_and_stays_near(exact_int8):
    encoder, lowered = exact_int8
    method = load(lowered.compute)
    expected = torch.cat([encoder(*inputs(length)) for length in range(2, LONGEST + 1)])
    got = torch.cat([run(method, inputs(length)) for length in range(2, LONGEST + 1)])
    spread = expected.std()
    assert (got - expected).abs().mean() < 0.05 * spread
    assert not torch.equal(got, expected), "nothing was quantized"


def test_int8_gives_the_same_label_for_real_text(exact_int8, small_folder):
    encoder, lowered = exact_int8
    method = load(lowered.compute)
    tokenizer = hf.AutoTokenizer.from_pretrained(small_folder)
    for text in TEXTS:
        encoded = tokenizer(text, return_tensors="pt")
        given = tuple(encoded[name].int() for name in ("input_ids", "attention_mask", "token_type_ids"))
        assert run(method, given).argmax() == encoder(*given).argmax(), text


@pytest.mark.parametrize("which", ["exact_fp32", "exact_int8"])
def test_padding_does_not_move_the_logits(which, request):
    """Activations are quantized per token, so padding cannot change a text's scales. What remains is the order of the
    softmax's sum, which may round one int8 activation the other way, about once in 300 texts on a 6-layer model."""
    encoder, lowered = request.getfixturevalue(which)
    method = load(lowered.compute)
    moved = []
    for length in range(2, encoder.max_length, 3):
        alone = run(method, inputs(length))
        for padded in {length + 1, (length + encoder.max_length) // 2, encoder.max_length}:
            moved.append(float((run(method, inputs(length, padded)) - alone).abs().max()))
    assert sum(difference > 1e-6 for difference in moved) <= len(moved) // 20, moved


@pytest.mark.parametrize("which", ["exact_fp32", "exact_int8"])
def test_every_product_is_delegated_and_counted_as_the_architecture_says(which, request):
    encoder, lowered = request.getfixturevalue(which)
    told = lowered.delegation
    assert told.macs == macs_of_bert(encoder.max_length, hidden=64, ffn=128, layers=2, outputs=5)
    assert told.share == 1.0 and told.length == encoder.max_length and told.backend == "XNNPACK"
    assert 1 <= told.partitions <= 4
    table = "aten::embedding" if which == "exact_fp32" else "quantized_decomposed::embedding_byte"
    assert told.left_over[table] == 1 and sum(told.left_over.values()) <= 10


def test_int8_stores_linears_and_table_in_a_quarter(exact_int8):
    encoder, lowered = exact_int8
    weights = sum(p.numel() for p in encoder.parameters() if p.dim() == 2)
    rest = sum(p.numel() for p in encoder.state_dict().values()) - weights
    # a byte a weight, four a vector element, position entry and scale, and what the program itself takes
    assert len(lowered.compute) < weights + 4 * rest + 8 * encoder.vocabulary_size + 60_000


def test_inputs_are_three_int32_and_nothing_tells_of_this_machine(exact_int8):
    _, lowered = exact_int8
    about = load(lowered.compute).metadata
    assert [about.input_tensor_meta(i).dtype() for i in range(about.num_inputs())] == [3, 3, 3]  # 3 is int32
    assert os.getcwd().encode() not in lowered.compute and b"/site-packages" not in lowered.compute
    # the least runtime is one that was seen to run such a program, whatever version lowered it
    assert lowered.runtime == ("executorch", "1.3") and set(lowered.tools) == {"executorch", "torch", "torchao"}


@pytest.fixture(scope="module")
def distilbert():
    """A family without token types: the third input is there all the same."""
    torch.manual_seed(1)
    shape = {"vocab_size": 60, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 12}
    return edge_encoder(hf.DistilBertForSequenceClassification(hf.DistilBertConfig(**shape, num_labels=3)).eval(), 12)


def test_static_length_with_probabilities_takes_an_unused_third_input(distilbert):
    wanted = Wanted(quantization("int8"), max_length=12, static_length=7, probabilities=True)
    lowered = pte.lower(distilbert, wanted)
    assert pte.lower(distilbert, wanted).compute == lowered.compute, "the bytes are not the same twice"
    method = load(lowered.compute)
    about = method.metadata
    assert [tuple(about.input_tensor_meta(i).sizes()) for i in range(about.num_inputs())] == [(1, 7)] * 3
    given = inputs(5, padded=7, vocabulary=60)
    got = run(method, given)
    assert abs(float(got.sum()) - 1) < 1e-5
    assert (got - torch.softmax(distilbert(*given), -1)).abs().max() < 0.02
    assert lowered.delegation.length == 7


class InDouble(torch.nn.Module):
    """A linear that XNNPACK cannot take."""

    def __init__(self, linear: torch.nn.Linear):
        super().__init__()
        self.linear = linear.double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x.double()).float()


def test_a_product_outside_the_delegate_lowers_the_share_and_is_named(distilbert):
    spoilt = distilbert.with_probabilities()
    spoilt.finish = InDouble(torch.nn.Linear(3, 3))
    told = pte.lower(spoilt, Wanted(quantization("fp32"), 12, static_length=4)).delegation
    assert told.macs - told.delegated_macs == 9
    assert any("linear" in name or "mm" in name for name in told.left_over)
