from __future__ import annotations

import math

import pytest
import torch

from pocketbert.distill.losses.attention import attention_loss
from pocketbert.distill.losses.embedding import embedding_loss
from pocketbert.distill.losses.hidden import hidden_loss
from pocketbert.distill.losses.prediction import soft_label_loss, value_loss

BATCH, HEADS, TOKENS, NARROW, WIDE, CLASSES = 3, 4, 7, 6, 10, 5


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(1)


def scores():
    return torch.randn(BATCH, HEADS, TOKENS, TOKENS) * 5


def whole():
    return torch.ones(BATCH, TOKENS, dtype=torch.int64)


# The four reference formulas are written from the description of task_distill.py (huawei-noah, TinyBERT): plain
# nn.MSELoss over everything, scores <= -1e2 set to zero, cross-entropy averaged over batch and classes.


def test_attention_equals_the_reference_formula_without_padding():
    student, teacher = scores(), scores()
    zeroed = [torch.where(s <= -1e2, torch.zeros_like(s), s) for s in (student, teacher)]
    reference = torch.nn.MSELoss()(*zeroed)
    assert torch.allclose(attention_loss(student, teacher, whole()), reference, rtol=1e-6)


def test_hidden_and_embedding_equal_the_reference_formula_without_padding():
    student, teacher = torch.randn(BATCH, TOKENS, NARROW), torch.randn(BATCH, TOKENS, WIDE)
    fit_dense = torch.nn.Linear(NARROW, WIDE, bias=False)
    reference = torch.nn.MSELoss()(fit_dense(student), teacher)
    for loss in (hidden_loss, embedding_loss):
        assert torch.allclose(loss(student, teacher, whole(), fit_dense.weight.T), reference, rtol=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_soft_labels_equal_the_reference_formula_less_the_entropy(temperature):
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


def test_equal_teacher_and_student_have_no_loss():
    attention, states, logits = scores(), torch.randn(BATCH, TOKENS, WIDE), torch.randn(BATCH, CLASSES)
    assert attention_loss(attention, attention.clone(), whole()) == 0
    assert hidden_loss(states, states.clone(), whole(), None) == 0
    assert embedding_loss(states, states.clone(), whole(), None) == 0
    assert soft_label_loss(logits, logits.clone(), 2.0) == 0
    assert value_loss(logits[:, :1], logits[:, :1].clone()) == 0


def test_a_perfect_projection_has_no_loss_under_autocast():
    student, w = torch.randn(BATCH, TOKENS, NARROW), torch.randn(NARROW, WIDE)
    teacher = student @ w
    for loss in (hidden_loss, embedding_loss):
        with torch.autocast("cpu", torch.bfloat16):
            found = loss(student, teacher, whole(), w)
        assert found.dtype == torch.float32 and found < 1e-10  # bfloat16 products leave about 1e-5


def test_padding_changes_nothing_whatever_stands_in_it():
    student, teacher = scores(), scores()
    low, high = torch.randn(BATCH, TOKENS, NARROW), torch.randn(BATCH, TOKENS, WIDE)
    w = torch.randn(NARROW, WIDE)
    padded_mask = torch.cat([whole(), torch.zeros(BATCH, 3, dtype=torch.int64)], 1)

    def padded(x, *sides):
        return torch.nn.functional.pad(x, sides, value=123.0) + torch.nn.functional.pad(torch.zeros_like(x), sides, value=1e3)

    wide_attention = attention_loss(padded(student, 0, 3, 0, 3), -padded(-teacher, 0, 3, 0, 3), padded_mask)
    assert torch.allclose(wide_attention, attention_loss(student, teacher, whole()), rtol=1e-5)
    wide_hidden = hidden_loss(padded(low, 0, 0, 0, 3), -padded(-high, 0, 0, 0, 3), padded_mask, w)
    assert torch.allclose(wide_hidden, hidden_loss(low, high, whole(), w), rtol=1e-5)


def test_rows_of_unequal_length_weigh_by_their_pairs_of_tokens():
    # One row of two tokens (4 pairs, difference 1) and one of one token (1 pair, difference 3): (4 * 1 + 1 * 9) / 5
    student = torch.zeros(2, 1, 2, 2)
    teacher = torch.ones(2, 1, 2, 2)
    teacher[1] = 3.0
    assert attention_loss(student, teacher, torch.tensor([[1, 1], [1, 0]])).item() == pytest.approx(13 / 5)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="cannot be compared"):
        attention_loss(scores(), scores()[:, :2], whole())
    with pytest.raises(ValueError, match="projection"):
        hidden_loss(torch.zeros(1, 2, 3), torch.zeros(1, 2, 4), torch.ones(1, 2), None)
    with pytest.raises(ValueError, match="cannot be compared"):
        value_loss(torch.zeros(2, 1), torch.zeros(2))
