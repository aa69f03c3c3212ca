from __future__ import annotations

import copy

import pytest
import torch
from transformers import AutoModelForSequenceClassification as Auto
from transformers import (
    BertConfig,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DistilBertConfig,
    ElectraConfig,
    RobertaConfig,
)

from pocketbert.distill.capture import EMBEDDINGS, Capture
from pocketbert.tasks import UserError

SMALL = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40}
CONFIGS = {
    "bert": BertConfig(**SMALL),
    "electra": ElectraConfig(**SMALL, embedding_size=16),
    "roberta": RobertaConfig(**SMALL, pad_token_id=1),
    "distilbert": DistilBertConfig(vocab_size=60, dim=32, n_layers=3, n_heads=4, hidden_dim=40),
}


KINDS = ("hidden", "query", "key", "value")
EVERYTHING = [EMBEDDINGS, *((kind, layer) for kind in KINDS for layer in range(3))]


@pytest.mark.parametrize("family", CONFIGS)
def test_hooks_see_what_the_model_itself_reports(family):
    # Independent: eager attention gives its probabilities, and softmax of the captured scores must be those;
    # output_hidden_states gives the states. Values are the layer's input times its weights.
    torch.manual_seed(0)
    model = Auto.from_config(copy.deepcopy(CONFIGS[family])).eval()
    ids = torch.randint(5, 60, (2, 9))
    mask = torch.ones_like(ids)
    with Capture(model, EVERYTHING).watch() as captured:
        model(input_ids=ids, attention_mask=mask)
    eager = Auto.from_config(copy.deepcopy(CONFIGS[family]), attn_implementation="eager").eval()
    eager.load_state_dict(model.state_dict())
    with torch.no_grad():
        expected = eager(input_ids=ids, attention_mask=mask, output_attentions=True, output_hidden_states=True)
    assert model.config._attn_implementation == "sdpa" and set(captured.states) == set(EVERYTHING)
    weights = {name.replace("v_lin", "self.value"): tensor for name, tensor in model.state_dict().items()}
    for layer in range(3):
        assert torch.allclose(captured.scores(layer).softmax(-1), expected.attentions[layer], atol=1e-5)
        assert torch.allclose(captured.states["hidden", layer], expected.hidden_states[layer + 1], atol=1e-5)
        value = f"layer.{layer}.attention.self.value"
        w, b = (next(weights[name] for name in weights if name.endswith(f"{value}.{part}")) for part in ("weight", "bias"))
        assert torch.allclose(captured.states["value", layer], expected.hidden_states[layer] @ w.T + b, atol=1e-5)
    assert torch.allclose(captured.states[EMBEDDINGS], expected.hidden_states[0], atol=1e-5)


def hooks(model) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


def test_only_what_is_wanted_is_hooked_and_only_while_watched():
    model = Auto.from_config(CONFIGS["bert"])
    inputs = {"input_ids": torch.ones(1, 4, dtype=torch.int64)}
    capture = Capture(model, [("hidden", 1), ("value", 2)])
    assert hooks(model) == 0
    with capture.watch() as seen:
        assert hooks(model) == 2
        model(**inputs)
    assert hooks(model) == 0 and set(seen.states) == {("hidden", 1), ("value", 2)}
    with pytest.raises(RuntimeError, match="stop"), capture.watch():
        raise RuntimeError("stop")
    assert hooks(model) == 0


def test_captures_of_one_model_do_not_disturb_each_other():
    model = Auto.from_config(CONFIGS["bert"]).eval()
    one, other = Capture(model, [("hidden", 1)]), Capture(model, [("hidden", 1), ("query", 0)])
    first, second = torch.full((1, 4), 7), torch.full((1, 6), 9)
    with one.watch() as seen:
        model(input_ids=first)
        with other.watch() as inner:
            pass
        kept = seen.states["hidden", 1]
    with other.watch() as later:
        model(input_ids=second)
    assert seen.states == {("hidden", 1): kept} and kept.shape[1] == 4
    assert not inner.states and later.states["hidden", 1].shape[1] == 6 and set(later.states) == {("hidden", 1), ("query", 0)}


@pytest.mark.parametrize("need", [("hidden", 3), ("hidden", -1), ("output", 0), ("embeddings", 1)])
def test_what_is_not_there_is_refused_before_the_model_runs(need):
    with pytest.raises(ValueError, match="of layers 0 to 2"):
        Capture(Auto.from_config(CONFIGS["bert"]), [need])


def test_an_unknown_family_is_named():
    config = DebertaV2Config(**SMALL)
    with pytest.raises(UserError, match="deberta-v2"):
        Capture(DebertaV2ForSequenceClassification(config), [("hidden", 0)])
