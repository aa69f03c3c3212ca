"""The value of each loss, against formulas written again: in numpy, text by text, with no padding and no mask in them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from pocketbert.distill.terms.attention import attention_loss
from pocketbert.distill.terms.cosine import cosine_loss
from pocketbert.distill.terms.embedding import embedding_loss
from pocketbert.distill.terms.hidden import hidden_loss
from pocketbert.distill.terms.patient import patient_loss
from pocketbert.distill.terms.relation import relation_loss

BATCH, HEADS, TOKENS, NARROW, WIDE = 3, 4, 7, 6, 12
LENGTHS = (7, 4, 2)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(1)


def scores():
    return torch.randn(BATCH, HEADS, TOKENS, TOKENS) * 5


def states(width):
    return torch.randn(BATCH, TOKENS, width)


def whole():
    return torch.ones(BATCH, TOKENS, dtype=torch.int64)


def ragged():
    return (torch.arange(TOKENS)[None] < torch.tensor(LENGTHS)[:, None]).long()


# The reference formulas of these two are written from the description of task_distill.py (huawei-noah, TinyBERT): plain
# nn.MSELoss over everything, scores <= -1e2 set to zero.


def test_attention_equals_the_reference_formula_without_padding():
    student, teacher = scores(), scores()
    zeroed = [torch.where(s <= -1e2, torch.zeros_like(s), s) for s in (student, teacher)]
    reference = torch.nn.MSELoss()(*zeroed)
    assert torch.allclose(attention_loss(student, teacher, whole()), reference, rtol=1e-6)


def test_hidden_and_embedding_equal_the_reference_formula_without_padding():
    student, teacher = states(NARROW), states(WIDE)
    fit_dense = torch.nn.Linear(NARROW, WIDE, bias=False)
    reference = torch.nn.MSELoss()(fit_dense(student), teacher)
    for loss in (hidden_loss, embedding_loss):
        assert torch.allclose(loss(student, teacher, whole(), fit_dense.weight.T), reference, rtol=1e-6)


@pytest.mark.parametrize("heads", [1, 2, 6])
def test_relation_equals_its_definition_text_by_text(heads):
    # MiniLMv2: softmax(A A^T / sqrt(d_r)) for each relation head, KL(teacher || student) for each token, then the mean.
    student, teacher = states(NARROW), states(WIDE)

    def relation(vectors):  # (tokens, size) -> (tokens, tokens)
        raw = np.exp(vectors @ vectors.T / math.sqrt(vectors.shape[1]))
        return raw / raw.sum(1, keepdims=True)

    divergences = []
    for row, length in enumerate(LENGTHS):
        cut = [np.split(side[row, :length].double().numpy(), heads, axis=1) for side in (student, teacher)]
        for seen, wanted in zip(*cut, strict=True):
            p, q = relation(wanted), relation(seen)
            divergences += [sum(p[t] * np.log(p[t] / q[t])) for t in range(length)]
    found = relation_loss(student, teacher, ragged(), heads)
    assert found.dtype == torch.float32 and found.item() == pytest.approx(np.mean(divergences), rel=1e-5)


def test_patient_equals_equation_7():
    student, teacher = (torch.randn(BATCH, WIDE) for _ in "st")
    distances = []
    for s, t in zip(student.double().numpy(), teacher.double().numpy(), strict=True):
        distances.append(((s / np.linalg.norm(s) - t / np.linalg.norm(t)) ** 2).sum())
    assert patient_loss(student, teacher, None).item() == pytest.approx(np.mean(distances), rel=1e-5)
    # length does not count, and opposite directions are 2 apart
    assert patient_loss(-3 * teacher, teacher, None).item() == pytest.approx(4, rel=1e-6)


def test_cosine_equals_its_definition_token_by_token():
    student, teacher, w = states(NARROW), states(WIDE), torch.randn(NARROW, WIDE)
    angles = []
    for row, length in enumerate(LENGTHS):
        for token in range(length):
            s = student[row, token].double().numpy() @ w.double().numpy()
            t = teacher[row, token].double().numpy()
            angles.append(1 - s @ t / np.sqrt((s @ s) * (t @ t)))
    assert cosine_loss(student, teacher, ragged(), w).item() == pytest.approx(np.mean(angles), rel=1e-5)
    assert cosine_loss(-teacher, teacher, ragged(), None).item() == pytest.approx(2, rel=1e-6)


def test_equal_teacher_and_student_have_no_loss():
    attention, hidden = scores(), states(WIDE)
    assert attention_loss(attention, attention.clone(), whole()) == 0
    assert hidden_loss(hidden, hidden.clone(), whole(), None) == 0
    assert embedding_loss(hidden, hidden.clone(), whole(), None) == 0
    assert relation_loss(hidden, hidden.clone(), ragged(), 3) == 0
    assert patient_loss(hidden[:, 0], hidden[:, 0].clone(), None) == 0
    assert cosine_loss(hidden, hidden.clone(), whole(), None).abs() < 1e-6  # a cosine in float32 is 1 within rounding


def test_a_perfect_projection_has_no_loss_under_autocast():
    student, w = states(NARROW), torch.randn(NARROW, WIDE)
    teacher = student @ w
    for loss in (hidden_loss, embedding_loss, cosine_loss, lambda s, t, _, w: patient_loss(s[:, 0], t[:, 0], w)):
        with torch.autocast("cpu", torch.bfloat16):
            found = loss(student, teacher, whole(), w)
        assert found.dtype == torch.float32 and found.abs() < 1e-6  # bfloat16 products leave about 1e-5
    with torch.autocast("cpu", torch.bfloat16):
        found = relation_loss(student, teacher, whole(), 2)
    assert found.item() == pytest.approx(relation_loss(student, teacher, whole(), 2).item(), rel=1e-6)


def test_padding_changes_nothing_whatever_stands_in_it():
    student, teacher = scores(), scores()
    low, high = states(NARROW), states(WIDE)
    w = torch.randn(NARROW, WIDE)
    mask = torch.cat([whole(), torch.zeros(BATCH, 3, dtype=torch.int64)], 1)

    def padded(x, value, *sides):
        return torch.nn.functional.pad(x, sides, value=value)

    wide = attention_loss(padded(student, 1e3, 0, 3, 0, 3), padded(teacher, -7.0, 0, 3, 0, 3), mask)
    assert torch.allclose(wide, attention_loss(student, teacher, whole()), rtol=1e-5)
    long, high_long = padded(low, 1e3, 0, 0, 0, 3), padded(high, -7.0, 0, 0, 0, 3)
    for loss, last in ((hidden_loss, w), (embedding_loss, w), (cosine_loss, w), (relation_loss, 3)):
        assert torch.allclose(loss(long, high_long, mask, last), loss(low, high, whole(), last), rtol=1e-5)


def test_rows_of_unequal_length_weigh_by_their_pairs_of_tokens():
    # One row of two tokens (4 pairs, difference 1) and one of one token (1 pair, difference 3): (4 * 1 + 1 * 9) / 5
    student = torch.zeros(2, 1, 2, 2)
    teacher = torch.ones(2, 1, 2, 2)
    teacher[1] = 3.0
    assert attention_loss(student, teacher, torch.tensor([[1, 1], [1, 0]])).item() == pytest.approx(13 / 5)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="cannot be compared"):
        attention_loss(scores(), scores()[:, :2], whole())
    for loss in (hidden_loss, cosine_loss):
        with pytest.raises(ValueError, match="projection"):
            loss(torch.zeros(1, 2, 3), torch.zeros(1, 2, 4), torch.ones(1, 2), None)
    with pytest.raises(ValueError, match="5 relation heads do not divide a width of 12"):
        relation_loss(states(NARROW), states(WIDE), whole(), 5)
