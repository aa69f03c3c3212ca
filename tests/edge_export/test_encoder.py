"""The export-friendly encoder against Hugging Face's own forward pass: families, lengths, padding, token types."""

from __future__ import annotations

import pytest
import torch
import transformers as hf

from pocketbert.edge_export.encoder import edge_encoder
from pocketbert.tasks import UserError

LONGEST = 24
SMALL = {"vocab_size": 97, "num_labels": 5, "max_position_embeddings": LONGEST}
WIDE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}


def bert(**options) -> hf.PreTrainedModel:
    return _loud(hf.BertForSequenceClassification(hf.BertConfig(**{**SMALL, **WIDE, **options})))


def electra(**options) -> hf.PreTrainedModel:
    return _loud(
        hf.ElectraForSequenceClassification(hf.ElectraConfig(**{**SMALL, **WIDE, "embedding_size": 16, **options}))
    )


def distilbert(**options) -> hf.PreTrainedModel:
    shape = {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}
    return _loud(hf.DistilBertForSequenceClassification(hf.DistilBertConfig(**{**SMALL, **shape, **options})))


def roberta(**options) -> hf.PreTrainedModel:
    shape = {**SMALL, **WIDE, "max_position_embeddings": LONGEST + 2, "type_vocab_size": 1, "pad_token_id": 1}
    return _loud(hf.RobertaForSequenceClassification(hf.RobertaConfig(**{**shape, **options})))


def xlm_roberta(**options) -> hf.PreTrainedModel:
    shape = {**SMALL, **WIDE, "max_position_embeddings": LONGEST + 2, "type_vocab_size": 1, "pad_token_id": 1}
    return _loud(hf.XLMRobertaForSequenceClassification(hf.XLMRobertaConfig(**{**shape, **options})))


def _loud(model: hf.PreTrainedModel) -> hf.PreTrainedModel:
    """Weights as a trained model has them: no zero bias, no unit norm, attention that is not flat."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            weight.add_(noise * (0.1 if weight.dim() == 2 and "embedding" not in name else 0.2))
    return model.eval()


def _texts(model: hf.PreTrainedModel, length: int, padded: int, seed: int = 0):
    """ids, mask, types, int32 (1, padded); RoBERTa counts positions by ids, so padding carries its own id."""
    generator = torch.Generator().manual_seed(seed + length)
    ids = torch.randint(3, model.config.vocab_size, (1, padded), generator=generator)
    ids[:, length:] = model.config.pad_token_id or 0
    mask = (torch.arange(padded) < length).long()[None]
    types = (torch.arange(padded) >= length // 2).long()[None] * mask
    return ids.int(), mask.int(), types.int()


@torch.inference_mode()
def _reference(model: hf.PreTrainedModel, ids, mask, types) -> torch.Tensor:
    given = {"input_ids": ids.long(), "attention_mask": mask.long()}
    if getattr(model.config, "type_vocab_size", 0) > 1 and model.config.model_type != "distilbert":
        given["token_type_ids"] = types.long()
    return model(**given).logits


FAMILIES = [bert, electra, distilbert, roberta, xlm_roberta]


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_equal_the_original_at_every_length_padded_and_not(family):
    model = family()
    encoder = edge_encoder(model, LONGEST)
    seen = []
    for length in range(2, LONGEST + 1):
        for padded in {length, min(length + 5, LONGEST), LONGEST}:
            inputs = _texts(model, length, padded)
            expected, got = _reference(model, *inputs), encoder(*inputs)
            assert got.dtype == torch.float32 and got.shape == (1, 5)
            assert (got - expected).abs().max() < 1e-5, (length, padded)
        seen.append(got)
    assert torch.cat(seen).std(0).min() > 0.02, "the logits hardly depend on the text: equality would prove little"


@pytest.mark.parametrize("family", [bert, electra])
def test_token_types_change_the_logits_as_in_the_original(family):
    model = family()
    encoder = edge_encoder(model, LONGEST)
    ids, mask, types = _texts(model, 11, 11)
    flat = torch.zeros_like(types)
    assert (encoder(ids, mask, types) - encoder(ids, mask, flat)).abs().max() > 1e-2
    assert (encoder(ids, mask, flat) - _reference(model, ids, mask, flat)).abs().max() < 1e-5


@pytest.mark.parametrize("activation", ["gelu_new", "gelu_pytorch_tanh", "relu", "silu"])
def test_activation_is_taken_from_the_config(activation):
    model = bert(hidden_act=activation)
    inputs = _texts(model, 9, 12)
    assert (edge_encoder(model, LONGEST)(*inputs) - _reference(model, *inputs)).abs().max() < 1e-5


@pytest.mark.parametrize(
    "model",
    [
        lambda: electra(embedding_size=32),
        lambda: bert(num_hidden_layers=1),
        lambda: bert(type_vocab_size=1),
        lambda: roberta(type_vocab_size=2),
        lambda: bert(num_labels=1, num_attention_heads=1),
        lambda: bert().to(torch.bfloat16).float(),
    ],
    ids=["electra-no-projection", "one-layer", "one-type", "roberta-two-types", "one-output", "bf16-weights"],
)
def test_shapes_at_the_edge_of_a_family_are_equal_too(model):
    model = model()
    for length in (2, 7, LONGEST):
        inputs = _texts(model, length, LONGEST)
        assert (edge_encoder(model, LONGEST)(*inputs) - _reference(model, *inputs)).abs().max() < 1e-5


def test_real_minilm_is_equal_on_real_text(minilm_folder):
    torch.manual_seed(3)
    model = hf.AutoModelForSequenceClassification.from_pretrained(minilm_folder, num_labels=7).eval()
    model.config.problem_type = None
    tokenizer = hf.AutoTokenizer.from_pretrained(minilm_folder)
    encoder = edge_encoder(model, 64)
    pairs = [("wake me at six", None), ("play some jazz " * 12, None), ("is it raining?", "it will in Lyon tonight")]
    for first, second in pairs:
        for padding in (False, "max_length"):
            encoded = tokenizer(first, second, return_tensors="pt", truncation=True, max_length=64, padding=padding)
            inputs = [encoded[name].int() for name in ("input_ids", "attention_mask", "token_type_ids")]
            with torch.inference_mode():
                expected = model(**encoded).logits
            assert (encoder(*inputs) - expected).abs().max() < 1e-5


def test_source_model_is_not_touched_and_shares_no_memory():
    model = bert()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    encoder = edge_encoder(model, LONGEST)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    mine = {weight.data_ptr() for weight in encoder.state_dict().values()}
    assert not mine & {weight.data_ptr() for weight in model.state_dict().values()}


def test_sizes_are_told_and_no_padding_index_is_left():
    encoder = edge_encoder(roberta(), 20)
    assert (encoder.max_length, encoder.vocabulary_size, encoder.outputs) == (20, 97, 5)
    assert encoder.position_table.shape == (20, 32) and encoder.word.padding_idx is None


def test_probabilities_are_the_softmax_and_leave_the_encoder_alone():
    model = bert()
    encoder = edge_encoder(model, LONGEST)
    wrapped = encoder.with_probabilities()
    inputs = _texts(model, 8, 8)
    assert (wrapped.output_name, encoder.output_name) == ("probabilities", "logits")
    assert torch.allclose(wrapped(*inputs), torch.softmax(_reference(model, *inputs), -1), atol=1e-6)
    assert torch.allclose(encoder(*inputs), _reference(model, *inputs), atol=1e-5)


def _with_adapter() -> hf.PreTrainedModel:
    model = bert()
    model.bert.encoder.layer[1].attention.self.adapter = torch.nn.Linear(4, 4)
    return model


def _with_other_linear() -> hf.PreTrainedModel:
    class Scaled(torch.nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    model = bert()
    model.bert.encoder.layer[0].intermediate.dense = Scaled(32, 48)
    return model


def _with_nan() -> hf.PreTrainedModel:
    model = bert()
    with torch.no_grad():
        model.classifier.weight[0, 0] = float("nan")
    return model


def _relative() -> hf.PreTrainedModel:
    model = bert()
    model.config.position_embedding_type = "relative_key"
    return model


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (_with_adapter, "bert.encoder.layer.1.attention.self.adapter"),
        (_with_other_linear, "bert.encoder.layer.0.intermediate.dense"),
        (_with_nan, "classifier.weight"),
        (_relative, "position_embedding_type"),
        (lambda: bert(is_decoder=True), "is_decoder"),
        (lambda: bert(hidden_act="quick_gelu"), "quick_gelu"),
        (lambda: hf.AlbertForSequenceClassification(_albert()), "AlbertForSequenceClassification"),
        (lambda: hf.BertModel(hf.BertConfig(**SMALL, **WIDE)), "BertModel"),
        (lambda: torch.nn.Linear(2, 2), "Linear"),
    ],
    ids=["adapter", "other-linear", "nan", "relative", "decoder", "activation", "albert", "no-head", "no-model"],
)
def test_model_that_computes_something_else_is_refused_by_name(model, named):
    with pytest.raises(UserError, match=named.replace(".", r"\.")):
        edge_encoder(model(), LONGEST)


def _albert() -> hf.AlbertConfig:
    return hf.AlbertConfig(vocab_size=97, embedding_size=16, **WIDE)


@pytest.mark.parametrize(("family", "length"), [(bert, LONGEST + 1), (roberta, LONGEST + 1), (bert, 1)])
def test_length_past_the_positions_is_refused_with_the_range(family, length):
    with pytest.raises(UserError, match=f"2 to {LONGEST}"):
        edge_encoder(family(), length)
