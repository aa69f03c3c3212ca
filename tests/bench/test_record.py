"""Records through every printer and back, and the verdict's reasons."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from pocketbert.bench import Baseline, Plan, printed, printers
from pocketbert.bench.reading import read_records
from pocketbert.bench.record import SCHEMA, AtLength, Environment, Memory, Record, Texts, Validity
from pocketbert.bench.statistics import phase_of
from pocketbert.bench.verdict import verdict
from pocketbert.tasks import UserError

QUIET = Environment(governor="performance", frequency_before=2400, frequency_after=2390, busy_elsewhere=0.02, load_before=9.0)
TIMES = {"forward": phase_of([1.0, 2.0, 4.0], [5, 9, 17]), "load": phase_of([12.5])}


@pytest.fixture
def record() -> Record:
    return Record(
        name="a|b.pte",
        kind="artifact",
        file="a|b.pte",
        sha256="00" * 32,
        bytes=14_570_000,
        container="pte",
        quantization="int8",
        engine="executorch-native",
        engine_version="1.5.1",
        threads=2,
        times=TIMES,
        by_length=(AtLength(8, 30, 0.25, 0.3, 0.2), AtLength(64, 3, 1.75, 2.0, 1.7, (1.7, 2.0, 1.75))),
        texts=Texts("dev.tsv", 3, 5, 9.0, 15.4, 17, 0),
        memory=Memory(
            interpreter=10, base=20 << 20, loaded=30, steady=32 << 20, steady_anonymous=5, peak=35 << 20, peak_since="base"
        ),
        golden=True,
        golden_difference=0.001,
        golden_tolerance=0.01,
        validity=Validity("warn", ("the machine hummed", 'and said "ja, so"')),
        noise=0.03,
        environment=replace(QUIET, features=("asimd", "i8mm"), versions={"numpy": "2"}),
        how="alone",
        note="",
        measured_at="2026-01-02T03:04:05+00:00",
    )


@pytest.fixture
def baseline(record) -> Record:
    gone = {"file": None, "sha256": None, "bytes": None, "container": None, "quantization": None, "golden": None, "noise": None}
    return replace(record, name="teacher", kind="baseline", memory=Memory(note="not measured"), by_length=(), **gone)


def test_json_gives_the_same_records_back(record, baseline):
    back = [Record.from_dict(entry) for entry in json.loads(printed([record, baseline], "json"))]
    assert back == [record, baseline]


def test_jsonl_is_a_record_a_line(record, baseline):
    lines = printed([record, baseline], "jsonl").splitlines()
    assert [Record.from_dict(json.loads(line)) for line in lines] == [record, baseline]


def test_records_made_elsewhere_are_read_in_every_form_that_is_written(record, baseline, tmp_path):
    """Also a lone record, as the Android app writes it; U+2028 is a line break to Python's splitlines and none to JSON."""
    record = replace(record, note="a\u2028b")
    for form in ("json", "jsonl"):
        (tmp_path / form).write_text(printed([record, baseline], form), encoding="utf-8")
        assert read_records(tmp_path / form) == [record, baseline]
    (tmp_path / "one").write_text(json.dumps(record.to_dict(), indent=2), encoding="utf-8")
    assert read_records(tmp_path / "one") == [record]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "neither JSON nor a JSON record a line"),
        (b"[]", "holds no bench record"),
        (b"", "holds no bench record"),
        (b"[3]", "entry 1 is not a bench record but a JSON int"),
        (b'{"schema": "other"}', 'entry 1: a bench record of schema "other"'),
        (b"\xff\xfe", "cannot be read as text"),
        (b"[" * 100_000, "neither JSON"),
        (b'{"a":' * 100_000, "neither JSON"),
        (b'{"bytes": ' + b"1" * 5000 + b"}", "whole number of 5000 digits"),
    ],
)
def test_a_file_without_records_is_refused_in_words(tmp_path, content, words):
    path = tmp_path / "phone.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words) as refused:
        read_records(path)
    assert "phone.json" in str(refused.value)
    with pytest.raises(UserError, match="cannot be read"):
        read_records(tmp_path / "missing.json")


def test_markdown_says_which_machine_each_record_is_of(record):
    phone = replace(record, name="phone", environment=Environment(model="Some Phone", thermal_worst="light", battery_after=81.6))
    text = printed([record, phone], "md")
    assert "a|b.pte: Texts: dev.tsv; 3 of 5 to 17 tokens, median 9. Threads: 2. Machine: governor performance." in text
    assert "phone: Texts: dev.tsv" in text and "Machine: Some Phone, thermal status at worst light, battery 82 %." in text
    assert "\n\nTexts: dev.tsv" in printed([phone], "md")


def test_csv_has_a_cell_for_every_heading_and_gaps_for_what_is_missing(record, baseline):
    rows = list(csv.DictReader(io.StringIO(printed([record, baseline], "csv"))))
    assert [row["name"] for row in rows] == ["a|b.pte", "teacher"]
    assert (rows[0]["forward_p50_ms"], rows[0]["forward_runs"], rows[0]["load_p50_ms"]) == ("2.0", "3", "12.5")
    assert (rows[0]["forward_64_tokens_p50_ms"], rows[1]["forward_64_tokens_p50_ms"]) == ("1.75", "")
    assert (rows[0]["memory_steady"], rows[1]["memory_steady"]) == (str(32 << 20), "")
    assert rows[0]["reasons"] == 'the machine hummed; and said "ja, so"'
    assert rows[0]["tokenize_p50_ms"] == "" and None not in rows[0]


def test_markdown_shows_figures_gaps_and_reasons(record, baseline):
    text = printed([record, baseline], "md")
    first, second = (line for line in text.splitlines() if line.startswith(("| a\\|b.pte | exec", "| teacher | exec")))
    cells = [cell.strip() for cell in first.replace("\\|", "/").strip("|").split("|")]
    assert cells[2:] == [
        "14.57 MB", "12.5", "–", "–", "2.000", "3.600", "3.960", "–", "+12.0 / 35 MiB", "ok", "warn"
    ]  # fmt: skip
    assert "| – |" in second
    assert "| a\\|b.pte | 0.250 | 1.750 |" in text and "| teacher | – | – |" in text
    assert text.count('a|b.pte, teacher: and said "ja, so".') == 1


def test_an_unknown_format_or_device_lists_what_there_is(record):
    known = sorted(path.stem for path in Path(printers.__file__).parent.glob("[!_]*.py"))
    assert {"csv", "json", "jsonl", "md"} <= set(known)
    with pytest.raises(UserError, match=f"use one of {', '.join(known)}"):
        printed([record], "xml")


def test_a_record_of_another_schema_or_with_gaps_is_refused(record):
    entry = record.to_dict()
    assert entry["schema"] == SCHEMA
    with pytest.raises(UserError, match="schema"):
        Record.from_dict(entry | {"schema": "pocketbert.bench/2"})
    del entry["texts"]
    with pytest.raises(UserError, match="texts"):
        Record.from_dict(entry)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("times",), {}),
        (("times",), []),
        (("times", "forward"), None),
        (("times", "forward", "p50"), "2.0"),
        (("times", "forward", "p90"), math.nan),
        (("times", "forward", "p90"), math.inf),
        (("times", "forward", "samples"), [1.0, None]),
        (("by_length",), {"8": 1.0}),
        (("by_length", 0, "length"), 8.5),
        (("texts", "tokens_p50"), None),
        (("memory", "steady"), "32"),
        (("validity", "reasons"), [{"a": 1}]),
        (("validity", "reasons"), "none"),
        (("environment", "battery_after"), "82"),
        (("environment", "charging"), 1),
        (("name",), 3),
        (("name",), "\ud800"),
        (("threads",), True),
        (("golden",), "yes"),
    ],
)
def test_a_field_of_another_type_is_refused(record, place, value):
    entry = json.loads(json.dumps(record.to_dict()))
    inner = entry
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(UserError, match="the bench record is (malformed|not JSON)"):
        Record.from_dict(entry)


def test_the_field_that_is_wrong_is_named(record):
    entry = json.loads(json.dumps(record.to_dict()))
    entry["times"]["forward"]["p50"] = "2.0"
    with pytest.raises(UserError, match=r"\(times\.forward\.p50: .* number"):
        Record.from_dict(entry)
    del entry["times"]["forward"]
    with pytest.raises(UserError, match='"forward" is missing'):
        Record.from_dict(entry)


def test_memory_without_a_peak_is_a_dash(record):
    assert "MiB" in printed([record], "md")
    assert "MiB" not in printed([replace(record, memory=replace(record.memory, peak=None))], "md")


def test_fields_of_a_later_version_are_ignored(record):
    entry = record.to_dict() | {"joules": 3}
    entry["memory"] |= {"swap": 1}
    assert Record.from_dict(entry) == record


def test_a_record_from_before_lengths_kept_their_samples_is_read(record):
    entry = json.loads(json.dumps(record.to_dict()))
    assert entry["by_length"][1].pop("samples") == [1.7, 2.0, 1.75]
    assert Record.from_dict(entry).by_length[1] == AtLength(64, 3, 1.75, 2.0, 1.7)


def test_a_quiet_machine_is_valid():
    # the load average stands at 9 from an earlier job; what others really used during the run decides
    assert verdict(QUIET, TIMES, True, (), 0.02, True) == Validity("valid")
    assert verdict(Environment(), TIMES, None, (), None, True) == Validity("valid")


@pytest.mark.parametrize(
    ("machine", "noise", "met", "word"),
    [
        ({"busy_elsewhere": 0.9}, 0.02, True, "0.90 cores busy"),
        ({"busy_elsewhere": None, "load_before": 0.8}, 0.02, True, "load average was 0.80"),
        ({"governor": "ondemand, performance"}, 0.02, True, '"ondemand, performance"'),
        ({"frequency_after": 1500}, 0.02, True, "from 2400 to 1500 MHz"),
        ({}, 0.2, True, "spread by 20%"),
        ({}, 0.02, False, "before the minima"),
    ],
)
def test_each_doubt_is_a_warning_of_its_own(machine, noise, met, word):
    found = verdict(replace(QUIET, **machine), TIMES, True, (), noise, met)
    assert found.verdict == "warn" and len(found.reasons) == 1 and word in found.reasons[0]


def test_wrong_outputs_are_invalid_however_quiet_the_machine():
    found = verdict(QUIET, TIMES, False, ("vector 3: off by 2",), 0.02, True)
    assert found.verdict == "invalid" and "vector 3: off by 2" in found.reasons[0]
    assert verdict(QUIET, {"forward": phase_of([1.0, -1.0])}, True, (), 0.02, True).verdict == "invalid"


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"min_runs": 0}, {"min_seconds": 5, "max_seconds": 1}, {"min_seconds": -1}])
def test_a_plan_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(UserError, match="bench:"):
        Plan(**wrong)


def test_a_baseline_is_a_file_or_a_callable(tmp_path):
    with pytest.raises(UserError, match="either"):
        Baseline("none")
    with pytest.raises(UserError, match="either"):
        Baseline("both", onnx=tmp_path, call=lambda *rows: rows[0])
