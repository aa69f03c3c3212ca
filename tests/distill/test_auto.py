"""What "auto" decides from sizes alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pocketbert.distill.auto import (
    Sizes,
    central_rate,
    default_neurons,
    longest_text,
    noise,
    ranked,
    rates,
    recombinations,
    settle,
    spread_layers,
)
from pocketbert.distill.options import TrainOptions
from pocketbert.tasks import UserError

MINILM = Sizes(width=384, layers=6, rows=9003, outputs=77, tokens=14.0)


def test_rates_fall_with_width_and_depth():
    assert central_rate(384, 6) == 2e-4
    assert central_rate(768, 12) == 5e-5  # where BERT-base is usually fine-tuned
    assert central_rate(384, 3) == 3e-4  # what one plain recipe for students of three layers used
    assert central_rate(64, 2) == 1e-3 and central_rate(4096, 48) == 1e-5  # the bounds


@pytest.mark.parametrize("role", ["teacher", "baseline", "prediction"])
def test_the_rates_that_are_tried_differ_and_hold_the_central_one(role):
    tried = rates(MINILM, role)
    assert len(set(tried)) == len(tried) == 3 and central_rate(384, 6) in tried


def test_many_labels_are_first_tried_at_a_higher_rate():
    few, many = replace(MINILM, outputs=9), replace(MINILM, outputs=10)
    assert rates(few, "teacher") == (1e-4, 2e-4, 5e-5) and rates(many, "teacher") == (2e-4, 1e-4, 5e-5)
    assert rates(few, "prediction") == (2e-4, 1e-4, 4e-4) and rates(many, "prediction") == (4e-4, 2e-4, 1e-4)


def test_nothing_stays_open_and_a_given_value_wins():
    settled, choices = settle(TrainOptions(epochs=2.5, patience=1), MINILM, "teacher", seed=5)
    assert settled.open == () and (settled.epochs, settled.patience, settled.seed) == (2.5, 1, 5)
    decided = {"learning_rate", "batch_size", "warmup", "schedule", "freeze_embeddings", "keep"}
    assert {choice.option for choice in choices} == decided
    assert all(choice.why for choice in choices)


def test_small_data_gets_steps_and_large_data_is_seen_less_often():
    few, _ = settle(TrainOptions(), Sizes(384, 6, 400, 5, 14.0), "teacher", 0)
    many, _ = settle(TrainOptions(), Sizes(384, 6, 60_000, 2, 14.0), "teacher", 0)
    assert few.batch_size == 16 and few.epochs == 30  # no text more often than 30 times
    assert many.epochs == pytest.approx(6000 / (60_000 / 32), rel=0.01)
    labels, _ = settle(TrainOptions(), Sizes(384, 6, 3000, 150, 14.0), "teacher", 0)
    assert labels.epochs * 94 == pytest.approx(1500, rel=0.01)  # ten steps per label; 94 steps make an epoch


def test_a_batch_of_long_texts_is_half_as_large():
    short, long = (settle(TrainOptions(), Sizes(384, 6, 9000, 77, tokens), "teacher", 0)[0] for tokens in (128.0, 129.0))
    assert (short.batch_size, long.batch_size) == (32, 16)


@pytest.mark.parametrize("role", ["intermediate", "prediction"])
def test_tables_stay_where_a_student_with_trained_ones_follows_a_teacher(role):
    heir = replace(MINILM, inherits=True)
    assert settle(TrainOptions(), heir, role, 0)[0].freeze_embeddings is True
    assert settle(TrainOptions(), MINILM, role, 0)[0].freeze_embeddings is False
    assert settle(TrainOptions(freeze_embeddings=False), heir, role, 0)[0].freeze_embeddings is False
    assert settle(TrainOptions(freeze_embeddings=True), MINILM, "teacher", 0)[0].freeze_embeddings is True


def test_the_intermediate_stage_trains_as_tinybert_does():
    settled, _ = settle(TrainOptions(), MINILM, "intermediate", 0)
    assert (settled.schedule, settled.warmup, settled.keep, settled.patience) == ("constant", 0.0, "last", 0)


def test_a_student_is_given_more_patience_than_its_teacher():
    patience = {role: settle(TrainOptions(), MINILM, role, 0)[0].patience for role in ("teacher", "baseline", "prediction")}
    assert patience == {"teacher": 5, "baseline": 5, "prediction": 7}


def test_a_budget_shortens_only_what_the_user_left_open():
    whole, _ = settle(TrainOptions(), MINILM, "teacher", 0)
    half, choices = settle(TrainOptions(), MINILM, "teacher", 0, scale=0.5)
    assert half.epochs == pytest.approx(whole.epochs / 2, rel=0.01)
    assert "50%" in next(choice.why for choice in choices if choice.option == "epochs")
    assert settle(TrainOptions(epochs=4), MINILM, "teacher", 0, scale=0.5)[0].epochs == 4


@pytest.mark.parametrize(
    ("layers", "teacher", "copied"), [(3, 6, (0, 2, 5)), (2, 6, (0, 5)), (4, 6, (0, 1, 3, 5)), (1, 6, (0,)), (3, 12, (0, 5, 11))]
)
def test_copied_layers_are_spread_from_the_first_to_the_last(layers, teacher, copied):
    assert spread_layers(layers, teacher) == copied


def test_a_student_has_half_of_its_teachers_neurons():
    assert [default_neurons(neurons) for neurons in (16, 48, 128, 1536, 1200, 3072)] == [16, 32, 64, 768, 576, 1536]


def test_what_is_within_noise_keeps_the_order_of_preference():
    # 0.8 on 400 rows: standard error 0.02
    assert noise(0.8, 400) == pytest.approx(0.02)
    assert ranked([("a", 0.795), ("b", 0.80), ("c", 0.70)], 400) == ["a", "b", "c"]
    assert ranked([("a", 0.78), ("b", 0.80), ("c", 0.70)], 400) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"epochs": 0}, "epochs: .*greater than 0.*found 0"),
        ({"warmup": 1.0}, "warmup: .*less than 1"),
        ({"seed": 2**32}, "seed: .*less than 4294967296"),
        ({"keep": "first"}, "keep: .*'best'"),
        ({"learning_rate": "fast"}, "learning_rate: .*found 'fast'"),
        ({"checkpoint_steps": 0}, "checkpoint_steps"),
    ],
)
def test_options_out_of_bounds_are_refused_by_name(values, says):
    with pytest.raises(UserError, match=says):
        TrainOptions(**values)


def test_a_length_keeps_nearly_all_texts_whole_between_bounds():
    long = [70] * 94 + [100] * 6
    assert longest_text(long, 512) == 104 and longest_text([70] * 95 + [100] * 5, 512) == 72
    assert longest_text([12] * 100, 512) == 64 and longest_text([400] * 100, 512) == 256
    assert longest_text([200], 128) == 128 and longest_text([12], 48) == 48


def test_few_rows_get_more_texts_for_the_teacher_to_label():
    assert [recombinations(rows) for rows in (500, 2500, 4000, 5034, 9000, 60_000)] == [3, 3, 1, 1, 0, 0]
