"""What logits mean and how they are scored, against values worked out by hand or by scipy's definitions."""

from __future__ import annotations

import numpy as np
import pytest

from pocketbert.tasks import UNKNOWN, Classification, Regression, UserError, task_from_dict


def test_decode_is_a_softmax_sorted_with_ties_in_label_order():
    task = Classification(("a", "b", "c"))
    found = task.decode(np.float32([0.0, np.log(3), 0.0]), top_k=None)
    assert [entry["label"] for entry in found] == ["b", "a", "c"]
    assert [entry["score"] for entry in found] == pytest.approx([0.6, 0.2, 0.2])  # e^0 : 3 : e^0


def test_decode_abstains_below_the_threshold_and_survives_large_logits():
    task = Classification(("a", "b"))
    assert task.decode(np.float32([0.0, 0.0]), threshold=0.6) == [{"label": None, "score": 0.5}]
    assert task.decode(np.float32([1000.0, -1000.0]))[0] == {"label": "a", "score": 1.0}


def test_accuracy_macro_f1_and_mcc_by_hand():
    # 2 true positives, 1 false positive, 1 false negative, 1 true negative
    logits = np.array([[0, 1], [0, 1], [0, 1], [1, 0], [1, 0]], np.float32)
    found = Classification(("no", "yes")).metrics(logits, np.array([1, 1, 0, 1, 0]))
    assert found["accuracy"] == pytest.approx(3 / 5)
    # F1(yes) = 4/6, F1(no) = 2/4; MCC = (2*1 - 1*1) / sqrt(3 * 3 * 2 * 2)
    assert found["macro_f1"] == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert found["mcc"] == pytest.approx(1 / 6)


def test_macro_f1_leaves_out_classes_that_do_not_occur():
    logits = np.eye(3, dtype=np.float32)[[0, 1]]
    assert Classification(("a", "b", "c")).metrics(logits, np.array([0, 1]))["macro_f1"] == 1.0


def test_spearman_with_ties_by_the_rank_definition():
    # ranks of x: 1, 2.5, 2.5, 4; of y: 1, 3, 2, 4 -> Pearson of the ranks = 4.5 / sqrt(4.5 * 5)
    found = Regression(low=0, high=5).metrics(np.float32([[1], [2], [2], [9]]), np.array([0.0, 3.0, 1.0, 4.0]))
    assert found["spearman"] == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert found["mse"] == pytest.approx((1 + 1 + 1 + 25) / 4)


def test_constant_predictions_score_zero_not_nan():
    assert Regression(low=0, high=5).metrics(np.zeros((4, 1), np.float32), np.arange(4.0))["spearman"] == 0.0
    assert Classification(("a", "b")).metrics(np.float32([[1, 0]] * 3), np.array([0, 1, 0]))["mcc"] == 0.0


def test_agreement():
    a, b = np.float32([[1, 0], [0, 1], [1, 0]]), np.float32([[2, 0], [3, 1], [9, 8]])
    assert Classification(("x", "y")).agreement(a, b) == pytest.approx(2 / 3)
    assert Regression(low=0, high=1).agreement(a[:, :1], 2 * a[:, :1] + 1) == pytest.approx(1.0)


@pytest.mark.parametrize("labels", [("a",), ("a", "a"), ("a", ""), ("a", "b\nc"), ("a", " b")])
def test_impossible_label_sets_are_refused(labels):
    with pytest.raises(UserError):
        Classification(labels)


@pytest.mark.parametrize("task", [Classification(("a", "b"), True), Regression(False, 0.0, 5.0, "stars"), Regression(True)])
def test_tasks_survive_their_dictionary_form(task):
    assert task_from_dict({**task.to_dict(), "later": 1}) == task


def test_a_range_that_nobody_knows_is_not_made_up():
    assert Regression().low is None and not {"low", "high"} & set(Regression().to_dict())
    assert Regression.from_values(["3", "1"], False).to_dict()["low"] == 1.0
    for half in ({"low": 0.0}, {"high": 1.0}):
        with pytest.raises(UserError, match="both ends of its range or none"):
            Regression(**half)


def test_unknown_and_incomplete_dictionaries_are_refused():
    with pytest.raises(UserError, match="unknown task kind"):
        task_from_dict({"kind": "poetry"})
    with pytest.raises(UserError, match="not complete"):
        task_from_dict({"kind": "classification"})


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"labels": 5}, "labels"),
        ({"labels": [1, 2]}, "labels"),
        ({"labels": "abc"}, "labels"),
        ({"labels": None}, "labels"),
        ({"labels": ["a", "b"], "pair": "no"}, "pair"),
        ({"kind": "regression", "low": "0", "high": 1}, "low"),
        ({"kind": "regression", "low": 0, "high": True}, "high"),
        ({"kind": "regression", "low": 0, "high": 10**400}, "high"),
        ({"kind": "regression", "unit": 3}, "unit"),
    ],
)
def test_entries_of_another_type_are_named(entry, key):
    with pytest.raises(UserError, match=f'"{key}"'):
        task_from_dict({"kind": "classification"} | entry)


def test_entries_that_are_no_task_at_all_are_refused():
    for wrong in (None, 5, ["classification"], "regression"):
        with pytest.raises(UserError, match="task entry"):
            task_from_dict(wrong)
    with pytest.raises(UserError, match="unknown task kind"):
        task_from_dict({"kind": ["classification"]})


def test_a_label_that_train_lacks_is_never_right():
    # of 4 rows the two unknown ones are wrong whatever is said; F1: a 2*1/(2+1), b 2*1/(2+1), the unknown class 0
    logits = np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
    found = Classification(("a", "b")).metrics(logits, np.array([0, 1, UNKNOWN, UNKNOWN]))
    assert found["accuracy"] == 0.5
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert found["mcc"] == pytest.approx(0.0)  # tp, tn, fp, fn = 1 each
    rows = Classification(("a", "b")).row_scores(logits, np.array([0, 1, UNKNOWN, UNKNOWN]))
    assert rows.tolist() == [1, 1, 0, 0]


def test_a_know_nothing_says_the_commonest_label_or_the_mean():
    task = Classification(("a", "b", "c"))
    outputs = task.trivial(np.array([2, 2, 2, 0, UNKNOWN]), 3)
    assert outputs.shape == (3, 3) and outputs.dtype == np.float32 and outputs.argmax(1).tolist() == [2, 2, 2]
    # (count + 1/2) / (4 + 3/2)
    assert np.exp(outputs[0]) == pytest.approx([1.5 / 5.5, 0.5 / 5.5, 3.5 / 5.5])
    values = Regression(low=0, high=5).trivial(np.array([1.0, 2.0, 6.0]), 2)
    assert values.tolist() == [[3.0], [3.0]]
    assert Regression(low=0, high=5).row_scores(values, np.array([1.0, 2.0])) is None
