from __future__ import annotations

import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
)

from pocketbert.distill.feed_forward import keep_most_active, neurons_of
from pocketbert.distill.student import TeacherLayers, build_student, write_student
from pocketbert.tasks import Classification, Example, UserError

TASK = Classification(("alarm", "music", "weather", "call", "lights"))
# of very different lengths, so that a batch of them is padded
TEXTS = ("play", "set an alarm for seven thirty, quickly", "will it rain on monday please, in zürich, room 12", "call my mother")
EXAMPLES = [Example((text,), None, i + 2) for i, text in enumerate(TEXTS)]

MODELS = {
    "bert": lambda: BertForSequenceClassification(
        BertConfig(vocab_size=400, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)
    ),
    "electra": lambda: ElectraForSequenceClassification(
        ElectraConfig(
            vocab_size=400,
            embedding_size=16,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=48,
        )
    ),
    "distilbert": lambda: DistilBertForSequenceClassification(
        DistilBertConfig(vocab_size=400, dim=32, n_layers=2, n_heads=4, hidden_dim=48)
    ),
}


def projections(model, layer: int):
    """(to the neurons, back from them) of one layer, by the names that transformers gives them."""
    if model.config.model_type == "distilbert":
        block = model.distilbert.transformer.layer[layer].ffn
        return block.lin1, block.lin2
    block = model.base_model.encoder.layer[layer]
    return block.intermediate.dense, block.output.dense


@pytest.mark.parametrize("family", MODELS)
def test_a_model_without_its_silent_neurons_says_the_same(family, small_folder):
    torch.manual_seed(3)
    model, tokenizer = MODELS[family]().eval(), AutoTokenizer.from_pretrained(small_folder)
    for layer in range(2):
        up, _ = projections(model, layer)
        silent = torch.randperm(48)[:16]
        up.weight.data[silent], up.bias.data[silent] = 0.0, -30.0  # GELU of -30 is 0
    batch = tokenizer(list(TEXTS), padding=True, return_tensors="pt", return_token_type_ids=False)
    with torch.no_grad():
        before = model(**batch).logits
        keep_most_active(model, 32, tokenizer, EXAMPLES, 48)
        after = model(**batch).logits
    assert neurons_of(model.config) == 32
    assert [tuple(part.weight.shape) for part in projections(model, 1)] == [(32, 32), (32, 32)]
    torch.testing.assert_close(after, before, rtol=1e-5, atol=1e-6)


def test_the_neurons_that_stay_add_most_to_the_hidden_states(small_folder):
    """Ranked here text by text, where nothing is padded, with what the intermediate module puts out."""
    whole = AutoModelForSequenceClassification.from_pretrained(small_folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    there, wanted = whole.config.intermediate_size, whole.config.intermediate_size // 4
    totals = {0: torch.zeros(there), 1: torch.zeros(there)}

    def adding(index: int):
        def hook(_module, _inputs, output) -> None:
            totals[index] += output[0].abs().sum(0)

        return hook

    for index, layer in enumerate(whole.bert.encoder.layer):
        layer.intermediate.register_forward_hook(adding(index))
    with torch.no_grad():
        for text in TEXTS:
            whole(**tokenizer(text, return_tensors="pt"))
    student = build_student(small_folder, TeacherLayers((0, 1), feed_forward=wanted), TASK, 48, 0, EXAMPLES)
    for index, layer in enumerate(whole.bert.encoder.layer):
        up, down = layer.intermediate.dense, layer.output.dense
        kept = sorted(torch.argsort(totals[index] * down.weight.pow(2).sum(0).sqrt(), descending=True)[:wanted].tolist())
        narrow = student.bert.encoder.layer[index]
        assert torch.equal(narrow.intermediate.dense.weight, up.weight[kept])
        assert torch.equal(narrow.intermediate.dense.bias, up.bias[kept])
        assert torch.equal(narrow.output.dense.weight, down.weight[:, kept])
        assert torch.equal(narrow.output.dense.bias, down.bias)


def test_a_narrow_student_loads_with_transformers_alone(small_folder, tmp_path):
    written = write_student(small_folder, TeacherLayers((1,), feed_forward=32), TASK, 40, 0, tmp_path / "s", EXAMPLES)
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path / "s")
    assert loaded.config.intermediate_size == 32 and loaded.config.num_hidden_layers == 1
    for name, tensor in written.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)


def test_more_neurons_than_there_are_are_refused(small_folder):
    there = neurons_of(AutoModelForSequenceClassification.from_pretrained(small_folder).config)
    with pytest.raises(UserError, match=f"feed_forward {there + 1}: .* have {there} neurons"):
        build_student(small_folder, TeacherLayers((0,), feed_forward=there + 1), TASK, 48, 0, EXAMPLES)
    with pytest.raises(ValueError, match="no texts"):
        build_student(small_folder, TeacherLayers((0,), feed_forward=there), TASK, 48, 0)
