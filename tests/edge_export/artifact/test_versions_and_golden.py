"""Versions are compared as numbers; golden.json is bounded and finite."""

from __future__ import annotations

import json

import pytest

from pocketbert.edge_export.artifact.canonical_zip import read_zip
from pocketbert.edge_export.artifact.golden import parse_golden
from pocketbert.edge_export.artifact.manifest import Lengths
from pocketbert.edge_export.artifact.session import _version
from pocketbert.tasks import UserError


@pytest.mark.parametrize(
    ("older", "newer"), [("1.9", "1.10"), ("2.1", "2.1.1"), ("1.31.0", "1.31.1"), ("0.9.9", "1"), ("1.5.0rc1", "1.5.1+cpu")]
)
def test_versions_are_numbers(older, newer):
    assert _version(older) < _version(newer)


def test_missing_parts_are_zero_and_tails_are_not_looked_at():
    assert _version("2.1") == _version("2.1.0") == _version("2.1.0+cu130") == _version("2.1.0rc1")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda v: v["input_ids"].append(10**30), "input_ids"),
        (lambda v: v["input_ids"].append(-1), "input_ids"),
        (lambda v: v["output"].__setitem__(0, 1e300), "too large for float32"),
        (lambda v: v["output"].append(0.0), "do not fit together"),
        (lambda v: v.pop("texts"), "texts"),
        (lambda v: v["texts"].append("b"), "has 2 texts, and the task 1"),
    ],
)
def test_golden_vectors_out_of_bounds_are_refused(sealed, edit, says):
    _, entries = read_zip(memoryview(sealed("pte")))
    golden = json.loads(entries["golden.json"])
    edit(golden["vectors"][3])
    with pytest.raises(UserError, match=says):
        parse_golden(json.dumps(golden).encode(), 2, pair=False)


def test_a_text_shorter_than_the_graph_takes_is_refused_as_such():
    lengths = Lengths(min=5, max=16)
    assert lengths.fit(5) == 5
    with pytest.raises(UserError, match="a text of 3 tokens is too short for this file, which takes 5 to 16"):
        lengths.fit(3)
