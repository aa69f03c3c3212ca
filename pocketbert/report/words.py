"""The verdict in plain words: what was built, how small, how fast, how much accuracy is kept, and whether it holds."""

from __future__ import annotations

import re
from typing import Any

from pocketbert.report.ladder import Rung, ladder, named, splits_of
from pocketbert.report.measured import Measured, measurements, teacher_of
from pocketbert.report.shown import listed, show_bytes, show_gap, show_ms, show_score, spread

SPLIT_NAMES = {"dev": "dev set", "test": "test set"}


def verdict(summary: dict[str, Any]) -> str:
    """One paragraph, every figure of it from the summary; what was not measured is not spoken of."""
    sentences = [built(summary), size(summary), speed(summary), accuracy(summary), timings(summary)]
    failed = any(entry.get("passed") is False for entry in summary.get("files", []))
    sentences.insert(0 if failed else -1, checks(summary))
    told = " ".join(sentence for sentence in sentences if sentence)
    return re.sub(r"(?<=\d) (?=%|ms\b|[kMG]B\b)", "\N{NO-BREAK SPACE}", told)


def built(summary: dict[str, Any]) -> str:
    task, files = summary.get("task") or {}, summary.get("files", [])
    pairs = "pairs of texts" if task.get("pair") else "single texts"
    labels = f" into {len(task['labels'])} labels" if task.get("labels") else ""
    kind = {"classification": "classifies", "regression": "rates"}.get(task.get("kind"), "reads")
    formats = listed([f".{entry['container']}" for entry in files])
    made = f" It was sealed as {formats}." if files else " No file was sealed."
    return f"{summary['name']} {kind} {pairs}{labels}.{made}"


def size(summary: dict[str, Any]) -> str:
    sizes = [entry["bytes"] for entry in summary.get("files", [])]
    if not sizes:
        return ""
    each = "Each file holds" if len(sizes) > 1 else "The file holds"
    sentence = f"{each} model, tokenizer and self-check in {spread(show_bytes(min(sizes)), show_bytes(max(sizes)))}"
    teacher = named(ladder(summary), "teacher")
    if teacher is None or not teacher.bytes:
        return sentence + "."
    times = sorted(teacher.bytes / count for count in sizes)
    ratio = spread(f"{times[0]:.1f} times", f"{times[-1]:.1f} times")
    return f"{sentence}, {ratio} smaller than the teacher's {show_bytes(teacher.bytes)} of weights."


def speed(summary: dict[str, Any]) -> str:
    records = measurements(summary)
    files = {entry["file"] for entry in summary.get("files", [])}
    timed = [record for record in records if record.file in files and record.p50 is not None]
    if not timed:
        return ""
    fastest = min(timed, key=lambda record: record.p50)
    where = f"{(summary.get('machine') or {}).get('cpu') or 'this machine'}, {threads(fastest)}"
    sentence = f"The fastest, {fastest.file}, runs a text in {show_ms(fastest.p50)} (median) on {where}"
    if len(timed) == 1:
        sentence = f"{fastest.file} runs a text in {show_ms(fastest.p50)} (median) on {where}"
    teacher = teacher_of(records)
    if teacher is None or teacher.p50 is None:
        return sentence + "."
    return f"{sentence}: {times_faster(teacher, fastest)} the speed of the teacher in PyTorch, measured in the same run."


def accuracy(summary: dict[str, Any]) -> str:
    splits = splits_of(summary)
    if not splits:
        return ""
    split, metric, rungs = splits[-1], summary.get("metric", "accuracy"), ladder(summary)
    rows = (summary.get("data") or {}).get(split) or {}
    on = f"On the {SPLIT_NAMES[split]}" + (f" of {rows['rows']:,} rows" if rows.get("rows") else "")
    scores = [rung.score(split) for rung in rungs if rung.file and rung.score(split) is not None]
    teacher, floor, student = (_score(rungs, name, split) for name in ("teacher", "floor", "student"))
    if not scores:
        return ""
    what = "files reach" if len(scores) > 1 else "file reaches"
    sentence = f"{on} the {what} {spread(show_score(metric, min(scores)), show_score(metric, max(scores)))} {metric}"
    if teacher is not None:
        sentence += f", the teacher {show_score(metric, teacher)}"
    if floor is not None:
        sentence += f", the same student without distillation {show_score(metric, floor)}"
    if student is not None:
        gap = show_gap(metric, min(scores), student)
        sentence += f"; the lowest file lies {gap} the fp32 student" if len(scores) > 1 else f"; that is {gap} the fp32 student"
    return sentence + "."


def checks(summary: dict[str, Any]) -> str:
    files = summary.get("files", [])
    judged = [entry for entry in files if entry.get("passed") is not None]
    failed = [entry["file"] for entry in judged if not entry["passed"]]
    if failed:
        return f"Verification FAILED for {listed(failed)}: do not ship {'it' if len(failed) == 1 else 'them'}."
    if not judged:
        return "Nothing was verified." if files else ""
    if len(judged) < len(files):
        return f"Verified: {listed([entry['file'] for entry in judged])}; the rest was not."
    return "Every check of every file passed." if len(files) > 1 else "Every check of the file passed."


def timings(summary: dict[str, Any]) -> str:
    """Says so where the bench itself does not wholly trust its timings."""
    records = measurements(summary)
    invalid = [record.title for record in records if record.verdict == "invalid"]
    warned = [record.title for record in records if record.verdict == "warn"]
    found = [f"The timings of {listed(invalid)} are INVALID."] if invalid else []
    found += [f"The bench warns about the timings of {listed(warned)}."] if warned else []
    return " ".join(found) + " The report's section Speed gives the reasons." if found else ""


def good(summary: dict[str, Any]) -> bool:
    """Whether every file that there is was checked and passed."""
    files = summary.get("files", [])
    return bool(files) and all(entry.get("passed") for entry in files)


def threads(record: Measured) -> str:
    return f"{record.threads} thread{'' if record.threads == 1 else 's'}"


def times_faster(slow: Measured, fast: Measured) -> str:
    """ "3.4 times"."""
    return f"{slow.p50 / fast.p50:.1f} times"


def _score(rungs: list[Rung], name: str, split: str) -> float | None:
    rung = named(rungs, name)
    return None if rung is None else rung.score(split)
