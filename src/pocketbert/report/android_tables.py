"""The tables of docs/android.md, each of one record of a command in tools/android/."""

from __future__ import annotations

from typing import Any

from pocketbert.report.shown import listed
from pocketbert.tasks.markdown import markdown_table


def apk_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a part of the APK, and a line that says which command made it, when and with what.

    Raises:
        KeyError: the record is not complete.
    """
    rows = [(part, f"{size / 1e6:.1f} MB") for part, size in record["bytes"].items()]
    models = ", ".join(f"`{model['file']}`" for model in record["models"])
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    sentences = [
        f"Made by `{record['command']}`, {record['created'][:10]}, with {models}.",
        f"It runs from API level {record['min_sdk']} on and is built for {record['target_sdk']}. Versions: {versions}.",
        "A store sends a phone only the library of its own processor.",
    ]
    return f"{markdown_table(('part of the APK', 'size'), rows, texts=1)}\n\n{' '.join(sentences)}"


def engines_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a file, and a line that says which command made it, when and where.

    Raises:
        KeyError: the record is not complete.
    """
    engines, cpu = record["engines"], record["machine"]["cpu"] or "an unnamed CPU"
    head = ("file", "Kotlin, on a desktop JVM", "Python", "tolerance", "off at any length", "off on any row", "other labels")
    lengths, data = engines[0]["lengths"], engines[0]["data"]
    held = sum(engine["self_check"]["ok"] for engine in engines)
    sentences = [
        f"Measured by `{record['command'].split(' ')[1]}` on {cpu}, {record['created'][:10]}.",
        f"Lengths: every one from {lengths['min']} to {lengths['max']} tokens. Rows: {data['rows']:,} of `{data['file']}`.",
        "Differences are in logits; the tolerance is the file's own.",
        f"The self-check held for {held} of {len(engines)} files.",
    ]
    return f"{markdown_table(head, [*map(_engine, engines)], texts=3)}\n\n{' '.join(sentences)}"


def _engine(engine: dict[str, Any]) -> tuple[str, ...]:
    data = engine["data"]
    return (
        f"`{engine['file']}`",
        f"{engine['kotlin']}; {engine['library']}",
        engine["python"],
        f"{engine['tolerance']:.3f}",
        f"{engine['lengths']['largest_difference']:.3f}",
        f"{data['largest_difference']:.3f}",
        f"{len(data['other_labels'])} of {data['rows']:,}",
    )


def tokenizer_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a tokenizer, and a line that says which command measured what, when, where and with what.

    Raises:
        KeyError: the record is not complete.
    """
    kotlin, reference, texts, machine = (record[key] for key in ("kotlin", "reference", "texts", "machine"))
    head = ("tokenizer", "tokens a second (median)", "least to most", "against the reference")
    rows = [
        (f"Kotlin, on Java {record['java']}", *_speeds(kotlin), f"{record['ratio']:.1f}x"),
        (f"Hugging Face `{reference['library']}` {reference['version']}", *_speeds(reference), "1.0x"),
    ]
    sentences = [
        f"Measured by `{record['command']}` on one core of {machine['cpu'] or 'an unnamed CPU'}, {record['created'][:10]}:",
        f"{kotlin['passes']} passes over {texts['count']:,} texts ({texts['name']}; {texts['tokens']:,} tokens,",
        "special tokens not counted).",
        f"Opening the tables took {kotlin['load_ms']:.0f} ms in a JVM just started.",
    ]
    sentences += [f"Remarks: {listed(record['remarks'])}."] if record["remarks"] else []
    return f"{markdown_table(head, rows, texts=1)}\n\n{' '.join(sentences)}"


def _speeds(part: dict[str, Any]) -> tuple[str, str]:
    return _millions(part["tokens_per_second"]), f"{_millions(part['least'])} to {_millions(part['most'])}"


def _millions(value: float) -> str:
    return f"{value / 1e6:.2f} million"
