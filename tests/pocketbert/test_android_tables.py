"""The tables of what android_demo's tools measured."""

from __future__ import annotations

from pocketbert.report.android_tables import apk_table, engines_table

# Invented for the tests; they measure nothing.
ENGINE = {
    "file": "a.pte",
    "kotlin": "executorch 9",
    "library": "made up",
    "python": "executorch-python 9.1",
    "self_check": {"ok": False},
    "tolerance": 0.25,
    "lengths": {"min": 2, "max": 48, "largest_difference": 0.125},
    "data": {"file": "dev.tsv", "rows": 1520, "largest_difference": 0.0625, "other_labels": [{"row": 3}]},
}
ENGINES = {
    "command": "python tools/android/compare_engines.py runs/a.pte --data dev.tsv",
    "created": "2026-11-21T08:00:00+00:00",
    "machine": {"cpu": "Made-Up CPU 3000"},
    "engines": [ENGINE, {**ENGINE, "file": "b.onnx", "self_check": {"ok": True}}],
}
APK = {
    "command": "make apk RECORD=results/apk.json",
    "created": "2026-11-21T08:00:00+00:00",
    "versions": {"app": "0.1.0", "r8": "8"},
    "min_sdk": 26,
    "target_sdk": 34,
    "models": [{"file": "a.pte", "bytes": 16_500_000}],
    "bytes": {"models": 16_500_000, "code": 205_000, "whole file": 70_400_000},
}


def test_the_engines_table_shows_what_differs_and_what_failed():
    lines = engines_table(ENGINES).splitlines()
    assert lines[2] == "| `a.pte` | executorch 9; made up | executorch-python 9.1 | 0.250 | 0.125 | 0.062 | 1 of 1,520 |"
    assert lines[3].startswith("| `b.onnx` |")
    assert "The self-check held for 1 of 2 files." in lines[-1] and "from 2 to 48 tokens" in lines[-1]


def test_the_apk_table_has_every_part_and_says_how_it_was_made():
    lines = apk_table(APK).splitlines()
    assert lines[2:5] == ["| models | 16.5 MB |", "| code | 0.2 MB |", "| whole file | 70.4 MB |"]
    assert "`make apk RECORD=results/apk.json`, 2026-11-21, with `a.pte`" in lines[-1] and "r8 8" in lines[-1]
