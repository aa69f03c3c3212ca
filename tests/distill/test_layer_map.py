from __future__ import annotations

import pytest

from pocketbert.distill.layer_map import layer_pairs
from pocketbert.tasks import UserError


def test_uniform_is_the_papers_g_of_m_equals_3m():
    assert layer_pairs("uniform", 4, 12) == ((0, 2), (1, 5), (2, 8), (3, 11))


@pytest.mark.parametrize("student, teacher", [(4, 6), (5, 12), (3, 7), (1, 6), (6, 6)])
def test_uniform_ends_on_the_last_layer_and_never_repeats_one_when_uneven(student, teacher):
    layers = [t for _, t in layer_pairs("uniform", student, teacher)]
    assert layers[-1] == teacher - 1 and len(set(layers)) == student and layers == sorted(layers)
    gaps = {b - a for a, b in zip([-1, *layers], layers, strict=False)}
    assert max(gaps) - min(gaps) <= 1


def test_top_bottom_and_last():
    assert layer_pairs("top", 2, 6) == ((0, 4), (1, 5))
    assert layer_pairs("bottom", 2, 6) == ((0, 0), (1, 1))
    assert layer_pairs("last", 3, 6) == ((2, 5),)


def test_an_explicit_list_may_repeat_but_not_go_back():
    assert layer_pairs([1, 4], 2, 6) == ((0, 1), (1, 4))
    assert layer_pairs((3, 3), 2, 6) == ((0, 3), (1, 3))


@pytest.mark.parametrize(
    "wanted, student, said",
    [
        ("middle", 2, "unknown layer map"),
        ("uniform", 7, "7 layers"),
        ([0], 2, "1 teacher layers named for 2"),
        ([0, 6], 2, "0 to 5"),
        ([-1, 2], 2, "0 to 5"),
        ([4, 1], 2, "later"),
        ([0.5, 1], 2, "whole numbers"),
    ],
)
def test_maps_that_do_not_fit_are_refused(wanted, student, said):
    with pytest.raises(UserError, match=said):
        layer_pairs(wanted, student, 6)
