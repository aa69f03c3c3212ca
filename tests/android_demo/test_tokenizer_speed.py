"""The record of the tokenizer's speed is complete, is what the tool writes, and holds what the project promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tokenizer_speed

from pocketbert.report.android_tables import tokenizer_table

RECORD = Path(__file__).resolve().parents[2] / "results" / "tokenizer_jvm.json"
PROMISED = 1_000_000  # tokens a second on one core of a desktop machine


@pytest.fixture(scope="module")
def record() -> dict:
    return json.loads(RECORD.read_text(encoding="utf-8"))


def _shape(value):
    """Keys all the way down; of what is no object, whether it is there."""
    return {key: _shape(each) for key, each in value.items()} if isinstance(value, dict) else value is not None


def test_the_record_holds_what_is_promised(record):
    assert record["schema"] == 1 and record["kind"] == "tokenizer_speed"
    kotlin, reference = record["kotlin"], record["reference"]
    for part in (kotlin, reference):
        assert 0 < part["least"] <= part["tokens_per_second"] <= part["most"] and part["passes"] >= 15
    assert kotlin["tokens_per_second"] >= PROMISED
    assert record["ratio"] == kotlin["tokens_per_second"] / reference["tokens_per_second"]
    assert record["machine"]["cpu"] and record["java"] and record["texts"]["tokens"] > record["texts"]["count"] > 500


def test_the_tool_writes_such_a_record(kotlin, minilm_folder, record, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tokenizer_speed, "WARM_UP", 1)
    monkeypatch.setattr(tokenizer_speed, "PASSES", 2)
    monkeypatch.setattr("sys.argv", ["tokenizer_speed.py", "--record", str(tmp_path / "record.json")])
    assert tokenizer_speed.main() == 0
    made = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == made
    without_machine = [{key: value for key, value in each.items() if key != "machine"} for each in (made, record)]
    assert _shape(without_machine[0]) == _shape(without_machine[1])
    assert made["machine"].keys() == record["machine"].keys() and made["texts"] == record["texts"]
    assert made["kotlin"]["passes"] == made["reference"]["passes"] == 2


def test_the_table_shows_the_record():
    # invented figures, with the table that follows from them by hand
    machine = {"cpu": "Made-Up CPU 3000"}
    made = {
        "command": "python tool.py",
        "created": "2026-11-21T08:00:00+00:00",
        "machine": machine,
        "java": "17.0.1",
        "texts": {"name": "some texts", "count": 1200, "tokens": 9000},
        "kotlin": {"tokens_per_second": 3_000_000.0, "least": 2_500_000.0, "most": 3_456_789.0, "passes": 21, "load_ms": 80.4},
        "reference": {"tokens_per_second": 400_000, "least": 399_000, "most": 410_000, "library": "tokenizers", "version": "0.1"},
        "ratio": 7.5,
        "remarks": [],
    }
    assert tokenizer_table(made) == (
        "| tokenizer | tokens a second (median) | least to most | against the reference |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| Kotlin, on Java 17.0.1 | 3.00 million | 2.50 million to 3.46 million | 7.5x |\n"
        "| Hugging Face `tokenizers` 0.1 | 0.40 million | 0.40 million to 0.41 million | 1.0x |\n\n"
        "Measured by `python tool.py` on one core of Made-Up CPU 3000, 2026-11-21: 21 passes over 1,200 texts (some texts; "
        "9,000 tokens, special tokens not counted). Opening the tables took 80 ms in a JVM just started."
    )
    made["remarks"] = ["other processes kept 0.50 cores busy"]
    assert tokenizer_table(made).endswith("Remarks: other processes kept 0.50 cores busy.")
