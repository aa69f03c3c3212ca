"""Records that the Kotlin side writes, read by Python: the same fields on both sides, the same words in every printer."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from pocketbert.bench import printed, printers
from pocketbert.bench.reading import read_records
from pocketbert.bench.record import AtLength, Environment, Memory, Phase, Record, Texts, Validity
from pocketbert.bench.statistics import phase_of

ROOT = Path(__file__).resolve().parents[2] / "android_demo"
RECORDS = (
    ROOT / "text/target/bench-record.json",  # every field set by hand
    ROOT / "app/target/bench-record.json",  # what the app wrote in BenchActivityTest
    ROOT / "app/target/bench-record.json",  # what BenchActivity measured with a real engine
)
PRINTERS = [path.stem for path in Path(printers.__file__).parent.glob("[!_]*.py")]


def _names(cls) -> list[str]:
    return [field.name for field in dataclasses.fields(cls)]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.parts[-3])
def test_kotlin_and_python_have_the_same_fields_in_the_same_order(kotlin, path):
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert list(entry) == _names(Record)
    for name, cls in (("texts", Texts), ("memory", Memory), ("validity", Validity), ("environment", Environment)):
        assert list(entry[name]) == _names(cls), name
    for phase in entry["times"].values():
        assert list(phase) == _names(Phase)
    for row in entry["by_length"]:
        assert list(row) == _names(AtLength)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.parts[-3])
def test_python_reads_it_and_gives_it_back(kotlin, path):
    (record,) = read_records(path)
    assert record.to_dict() == json.loads(path.read_text(encoding="utf-8"))
    for form in PRINTERS:
        assert record.name in printed([record], form)


def test_a_record_that_is_full_lost_nothing_on_the_way(kotlin):
    (record,) = read_records(RECORDS[0])
    assert None not in dataclasses.astuple(record.environment) + dataclasses.astuple(record.memory)
    assert record.memory.note == 'a "note" with \u4e2d\u6587 and \u2028'
    assert record.environment.thermal_worst == "moderate" and record.environment.charging is False
    assert record.times["forward"] == phase_of([1.0, 2.0, 4.0], [5, 9, 17])
    assert "thermal status at worst moderate, battery 79 %" in printed([record], "md")


def test_what_the_app_measured_is_whole(kotlin):
    """Not from the hand: the app's own activity ran the small model, and its figures follow from its samples here too."""
    (record,) = read_records(RECORDS[1])
    assert set(record.times) == {"open", "load", "first", "tokenize", "forward", "end_to_end"}
    assert record.golden is True and record.golden_difference <= record.golden_tolerance
    for name, phase in record.times.items():
        again = phase_of(list(phase.samples), list(phase.tokens))
        for figure in ("runs", "mean", "std", "min", "p50", "p90", "p95", "p99", "max"):
            assert getattr(phase, figure) == pytest.approx(getattr(again, figure), abs=2e-4), (name, figure)
    assert len(record.times["forward"].tokens) == record.times["forward"].runs >= 50
    assert record.by_length and record.memory.steady and record.environment.system.startswith("Android")
