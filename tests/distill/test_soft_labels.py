from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from transformers import BertConfig

from pocketbert.distill.prediction import SoftLabels
from pocketbert.distill.soft_labels import soft_label_loss, value_loss

BATCH, CLASSES = 3, 5


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(1)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_soft_labels_equal_the_reference_formula_less_the_entropy(temperature):
    # From the description of task_distill.py (huawei-noah, TinyBERT): cross-entropy averaged over batch and classes.
    student, teacher = torch.randn(BATCH, CLASSES), torch.randn(BATCH, CLASSES)
    probabilities = torch.softmax(teacher / temperature, -1)
    reference = (-probabilities * torch.log_softmax(student / temperature, -1)).mean()
    entropy = (-probabilities * probabilities.log()).sum(-1).mean()
    expected = (reference * CLASSES - entropy) * temperature**2
    assert torch.allclose(soft_label_loss(student, teacher, temperature), expected, rtol=1e-5)


def test_soft_label_loss_of_a_case_worked_by_hand():
    # teacher (1/2, 1/2), student (3/4, 1/4): KL = 1/2 ln(2/3) + 1/2 ln 2 = 1/2 ln(4/3)
    student = torch.tensor([[math.log(3.0), 0.0]])
    assert soft_label_loss(student, torch.zeros(1, 2), 1.0).item() == pytest.approx(0.5 * math.log(4 / 3), rel=1e-6)


def test_soft_label_gradient_is_that_of_the_reference_cross_entropy():
    teacher = torch.randn(BATCH, CLASSES)
    ours, theirs = (torch.randn(BATCH, CLASSES, generator=torch.Generator().manual_seed(2)).requires_grad_() for _ in "ab")
    soft_label_loss(ours, teacher, 1.0).backward()
    (-torch.softmax(teacher, -1) * torch.log_softmax(theirs, -1)).sum(-1).mean().backward()
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-6)


def test_equal_predictions_have_no_loss():
    logits = torch.randn(BATCH, CLASSES)
    assert soft_label_loss(logits, logits.clone(), 2.0) == 0
    assert value_loss(logits[:, :1], logits[:, :1].clone()) == 0


def test_shapes_that_do_not_fit_are_refused():
    for loss in (value_loss, lambda a, b: soft_label_loss(a, b, 1.0)):
        with pytest.raises(ValueError, match="cannot be compared"):
            loss(torch.zeros(2, 1), torch.zeros(2))


class Fixed(nn.Module):
    """A student that always answers the same."""

    config = BertConfig()  # every model of transformers has one

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, input_ids):
        return SimpleNamespace(logits=self.logits)


def test_gold_and_soft_losses_are_mixed_by_the_hard_label_weight():
    # By hand: the student says (3/4, 1/4), the teacher (1/2, 1/2), gold is the second class.
    student = Fixed(torch.tensor([[math.log(3.0), 0.0]]))
    batch = {"input_ids": torch.zeros(1, 1), "teacher_logits": torch.zeros(1, 2), "labels": torch.tensor([1])}
    soft, gold = 0.5 * math.log(4 / 3), math.log(4)
    loss, parts = SoftLabels(student, False, 1.0, 0.25)(**batch)
    assert loss.item() == pytest.approx(0.75 * soft + 0.25 * gold, rel=1e-6)
    assert {name: part.item() for name, part in parts.items()} == pytest.approx({"pred": soft, "gold": gold}, rel=1e-6)
    del batch["teacher_logits"]
    loss, parts = SoftLabels(student, False, 1.0, 1.0)(**batch)
    assert loss.item() == pytest.approx(gold, rel=1e-6) and set(parts) == {"gold"}


def test_regression_knows_no_temperature():
    student, teacher = Fixed(torch.tensor([[3.0], [1.0]])), torch.tensor([[1.0], [1.0]])
    for temperature in (1.0, 7.0):
        loss, _ = SoftLabels(student, True, temperature, 0.0)(input_ids=torch.zeros(2, 1), teacher_logits=teacher)
        assert loss.item() == 2.0  # (2 * 2 + 0) / 2
