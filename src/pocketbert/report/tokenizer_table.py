"""The table of one run of android_demo/tools/tokenizer_speed.py."""

from __future__ import annotations

from typing import Any

from pocketbert.report.shown import listed


def tokenizer_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a tokenizer, and a line that says which command measured what, when, where and with what.

    Raises:
        KeyError: the record is not complete.
    """
    kotlin, reference, texts, machine = (record[key] for key in ("kotlin", "reference", "texts", "machine"))
    rows = [
        ("tokenizer", "tokens a second (median)", "least to most", "against the reference"),
        ("---", "---:", "---:", "---:"),
        (f"Kotlin, on Java {record['java']}", *_speeds(kotlin), f"{record['ratio']:.1f}x"),
        (f"Hugging Face `{reference['library']}` {reference['version']}", *_speeds(reference), "1.0x"),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    sentences = [
        f"Measured by `{record['command']}` on one core of {machine['cpu'] or 'an unnamed CPU'}, {record['created'][:10]}:",
        f"{kotlin['passes']} passes over {texts['count']:,} texts ({texts['name']}; {texts['tokens']:,} tokens,",
        "special tokens not counted).",
        f"Opening the tables took {kotlin['load_ms']:.0f} ms in a JVM just started.",
    ]
    sentences += [f"Remarks: {listed(record['remarks'])}."] if record["remarks"] else []
    return f"{table}\n\n{' '.join(sentences)}"


def _speeds(part: dict[str, Any]) -> tuple[str, str]:
    return _millions(part["tokens_per_second"]), f"{_millions(part['least'])} to {_millions(part['most'])}"


def _millions(value: float) -> str:
    return f"{value / 1e6:.2f} million"
