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

from pocketbert.distill.capture import Capture
from pocketbert.tasks import UserError

SMALL = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40}
CONFIGS = {
    "bert": BertConfig(**SMALL),
    "electra": ElectraConfig(**SMALL, embedding_size=16),
    "roberta": RobertaConfig(**SMALL, pad_token_id=1),
    "distilbert": DistilBertConfig(vocab_size=60, dim=32, n_layers=3, n_heads=4, hidden_dim=40),
}


@pytest.mark.parametrize("family", CONFIGS)
def test_hooks_see_what_the_model_itself_reports(family):
    # Independent: eager attention gives its probabilities, and softmax of the captured scores must be those;
    # output_hidden_states gives the states.
    torch.manual_seed(0)
    model = Auto.from_config(copy.deepcopy(CONFIGS[family])).eval()
    ids = torch.randint(5, 60, (2, 9))
    mask = torch.ones_like(ids)
    capture = Capture(model, range(3))
    model(input_ids=ids, attention_mask=mask)
    captured = capture.take()
    eager = Auto.from_config(copy.deepcopy(CONFIGS[family]), attn_implementation="eager").eval()
    eager.load_state_dict(model.state_dict())
    with torch.no_grad():
        expected = eager(input_ids=ids, attention_mask=mask, output_attentions=True, output_hidden_states=True)
    assert model.config._attn_implementation == "sdpa"
    for layer in range(3):
        assert torch.allclose(captured.scores[layer].softmax(-1), expected.attentions[layer], atol=1e-5)
        assert torch.allclose(captured.hidden[layer], expected.hidden_states[layer + 1], atol=1e-5)
    assert torch.allclose(captured.embeddings, expected.hidden_states[0], atol=1e-5)


def test_only_wanted_layers_are_kept_and_forgotten_after_taking():
    model = Auto.from_config(CONFIGS["bert"])
    capture = Capture(model, [1], with_scores=False)
    model(input_ids=torch.ones(1, 4, dtype=torch.int64))
    captured = capture.take()
    assert list(captured.hidden) == [1] and not captured.scores and not capture.seen


def test_an_unknown_family_is_named():
    config = DebertaV2Config(**SMALL)
    with pytest.raises(UserError, match="deberta-v2"):
        Capture(DebertaV2ForSequenceClassification(config), [0])
