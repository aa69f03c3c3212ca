"""Verify: a good file passes every check, and each check can fail."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from pocketbert.edge_export.artifact import open_artifact, start
from pocketbert.edge_export.reference import read_reference, write_reference
from pocketbert.edge_export.verify import (
    Limits,
    every_length,
    inputs_in_order,
    on_data,
    padding_invariance,
    verify,
    write_verdict,
)
from pocketbert.tasks import UserError, read_examples

CONTAINERS = ("pte", "tflite", "onnx")


@pytest.fixture
def material(small_artifacts, small_data):
    artifact = open_artifact(small_artifacts["onnx"])
    return read_examples(small_data, artifact.task), read_reference(artifact.path.parent / "reference.json")


class Altered:
    """A real engine whose inputs or outputs are changed on the way: what a broken backend does."""

    def __init__(self, engine, change):
        self.engine, self.change, self.name, self.version = engine, change, engine.name, engine.version

    def run(self, *rows):
        return self.change(self.engine.run, *rows)

    def close(self):
        self.engine.close()


@pytest.fixture
def altered(small_artifacts):
    """A session of the .tflite with a broken backend, and its encoded golden texts."""
    opened = []

    def make(change):
        session = start(open_artifact(small_artifacts["tflite"]))
        opened.append(session)
        encoded = [session.artifact.encode(vector.texts) for vector in session.artifact.golden.vectors]
        return replace(session, engine=Altered(session.engine, change)), encoded

    yield make
    for session in opened:
        session.close()


@pytest.mark.parametrize("container", ["tflite", "onnx"])
def test_an_engine_of_another_format_is_refused(small_artifacts, container):
    with pytest.raises(UserError, match=rf'"native" is one of the two for .pte; a .{container} has only one runtime'):
        start(open_artifact(small_artifacts[container]), engine="native")


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_good_file_passes_and_its_verdict_lies_beside_it(small_artifacts, material, container, tmp_path):
    verdict = verify(small_artifacts[container], *material)
    assert verdict.passed, [check for check in verdict.checks if check.passed is False]
    names = [check.name for check in verdict.checks]
    assert names == ["golden vectors", "metric", "agreement", "padding invariance", "every length", "inputs in order"]
    assert verdict.figure("agreement_student") >= 0.98 and verdict.figure("student_accuracy") > 0.9
    written = json.loads(write_verdict(tmp_path / "small.tflite", verdict).read_text())
    assert written["sha256"] == open_artifact(small_artifacts[container]).sha256 and written["passed"] is True


def test_padding_changes_nothing_where_activations_are_scaled_by_row(small_artifacts, material):
    for container in ("pte", "tflite"):
        verdict = verify(small_artifacts[container], None, None)
        assert verdict.figure("padding_exact") >= 0.9
    assert verify(small_artifacts["onnx"], None, None).figure("padding_exact") < 0.9  # by tensor: what the check would find


def test_without_data_or_reference_the_other_checks_are_made(small_artifacts, material):
    verdict = verify(small_artifacts["onnx"], None, None)
    assert verdict.passed and next(c for c in verdict.checks if c.name == "metric").passed is None
    verdict = verify(small_artifacts["onnx"], material[0], None)
    assert "no reference" in next(c for c in verdict.checks if c.name == "metric").detail


def test_a_drop_past_both_limits_fails(altered, material):
    examples, reference = material

    def forgetful(run, ids, mask, types):
        output = run(ids, mask, types)
        return np.roll(output, 1, axis=1) if ids[0, 1] % 3 == 0 else output  # a third of the texts gets another label

    session, _ = altered(forgetful)
    check = on_data(session, examples, reference, Limits())[0]
    assert check.name == "metric" and check.passed is False and "points" in check.detail
    lost = round((check.figures["student_accuracy"] - check.figures["file_accuracy"]) * len(examples))
    assert on_data(session, examples, reference, Limits(points=1.0, rows=lost))[0].passed is True
    assert on_data(session, examples, reference, Limits(points=1.0, rows=lost - 1))[0].passed is False
    assert on_data(session, examples, reference, Limits(points=100.0, rows=0))[0].passed is True


def test_output_that_is_not_finite_fails(altered, material):
    session, _ = altered(lambda run, *rows: run(*rows) * np.float32("inf"))
    assert on_data(session, *material, Limits())[0].passed is False


def test_a_backend_that_reads_padding_fails(altered):
    session, encoded = altered(lambda run, ids, mask, types: run(ids, np.ones_like(mask), types))
    assert padding_invariance(session, encoded).passed is False


def test_a_backend_that_fails_at_some_length_fails(altered):
    session, encoded = altered(lambda run, ids, *rest: run(ids, *rest) * np.float32("nan" if ids.shape[1] == 17 else 1))
    check = every_length(session, encoded)
    assert check.passed is False and "17 tokens" in check.detail


def test_a_length_at_which_the_runtime_fails_is_a_failed_check(altered):
    # 600 tokens are past the table of positions: LiteRT itself refuses them
    session, encoded = altered(
        lambda run, *rows: run(*(np.resize(row, (1, 600 if row.size == 17 else row.size)) for row in rows))
    )
    check = every_length(session, encoded)
    assert check.passed is False and check.detail.startswith("17 tokens do not run: ") and "LiteRT" in check.detail


@pytest.mark.parametrize(
    "change",
    [
        lambda run, ids, mask, types: run(np.full_like(ids, 7), mask, types),
        lambda run, ids, mask, types: run(mask, ids, types),
        lambda run, ids, mask, types: run(types, mask, ids),
        lambda run, ids, mask, types: run(ids, types, mask),
    ],
    ids=["ids ignored", "ids and mask exchanged", "ids and types exchanged", "mask and types exchanged"],
)
def test_a_backend_that_ignores_or_exchanges_inputs_fails(altered, change):
    assert inputs_in_order(altered(change)[0]).passed is False


def test_a_reference_survives_its_file_and_damage_is_named(material, tmp_path):
    _, reference = material
    write_reference(tmp_path / "r.json", replace(reference, teacher=reference.student * np.float32(1 / 3)))
    again = read_reference(tmp_path / "r.json")
    assert np.array_equal(again.student, reference.student) and again.student.dtype == np.float32
    assert np.array_equal(again.teacher, reference.student * np.float32(1 / 3))
    (tmp_path / "r.json").write_text((tmp_path / "r.json").read_text()[:-20])
    with pytest.raises(UserError, match="not a reference written by"):
        read_reference(tmp_path / "r.json")
    with pytest.raises(UserError, match="no such file"):
        read_reference(tmp_path / "none.json")
    with pytest.raises(UserError, match="cannot be read .*directory"):
        read_reference(tmp_path)
