"""The verdict in plain words: what was built, how small, how fast, how much accuracy is kept, and whether it holds."""

from __future__ import annotations

import re
from typing import Any

from pocketbert.report.comparison import Model, models, splits_of, trained
from pocketbert.report.measured import Measured, measurements
from pocketbert.report.shown import listed, show_bytes, show_gap, show_ms, show_score, spread
from pocketbert.report.standing import standings

SPLIT_NAMES = {"dev": "dev set", "test": "test set"}
KINDS = {
    "teacher": "the teacher",
    "baseline": "the same student without distillation",
    "bag of words": "a bag of words",
    "student": "the student",
}


def verdict(summary: dict[str, Any]) -> str:
    """One paragraph, every figure of it from the summary; what was not measured is not spoken of."""
    sentences = [built(summary), size(summary), speed(summary), accuracy(summary), timings(summary)]
    failed = failures(summary) or any(entry.get("passed") is False for entry in summary.get("files", []))
    sentences.insert(0 if failed else -1, checks(summary))
    return unbroken(" ".join(sentence for sentence in sentences if sentence))


def unbroken(text: str) -> str:
    """With no line break between a number and its unit."""
    return re.sub(r"(?<=\d) (?=%|ms\b|[kMG]B\b)", "\N{NO-BREAK SPACE}", text)


def built(summary: dict[str, Any]) -> str:
    task, files = summary.get("task") or {}, summary.get("files", [])
    pairs = "pairs of texts" if task.get("pair") else "single texts"
    labels = f" into {len(task['labels'])} labels" if task.get("labels") else ""
    kind = {"classification": "classifies", "regression": "rates"}.get(str(task.get("kind")), "reads")
    formats = listed([f".{entry['container']}" for entry in files])
    made = f" It was sealed as {formats}." if files else " No file was sealed."
    return f"{summary['name']} {kind} {pairs}{labels}.{made}"


def size(summary: dict[str, Any]) -> str:
    sizes = [entry["bytes"] for entry in summary.get("files", [])]
    if not sizes:
        return ""
    each = "Each file holds" if len(sizes) > 1 else "The file holds"
    sentence = f"{each} model, tokenizer and self-check in {spread(show_bytes(min(sizes)), show_bytes(max(sizes)))}"
    shares = sorted(line.against.size for line in standings(summary) if line.against and line.against.size)
    if not shares:
        return sentence + "."
    ratio = spread(f"{100 * shares[0]:.0f} %", f"{100 * shares[-1]:.0f} %")
    return f"{sentence}, {ratio} of the teacher exported the same way."


def speed(summary: dict[str, Any]) -> str:
    lines = [line for line in standings(summary) if line.model.kind == "student"]
    timed = [(line.measured.p50, line, line.measured) for line in lines if line.measured and line.measured.p50]
    if not timed:
        return ""
    p50, fastest, measured = min(timed, key=lambda entry: entry[0])
    where = f"{(summary.get('machine') or {}).get('cpu') or 'this machine'}, {threads(measured)}"
    first = f"The fastest, {fastest.model.file}," if len(timed) > 1 else fastest.model.file
    sentence = f"{first} runs a text in {show_ms(p50)} (median) on {where}"
    if fastest.against is None or fastest.against.speed is None:
        return sentence + "."
    teacher = fastest.against.teacher.file
    return f"{sentence}: {fastest.against.speed:.1f} times the speed of {teacher}, measured in turns with it."


def accuracy(summary: dict[str, Any]) -> str:
    splits = splits_of(summary)
    if not splits:
        return ""
    split, metric, compared = splits[-1], summary.get("metric", "accuracy"), models(summary)
    rows = (summary.get("data") or {}).get(split) or {}
    on = f"On the {SPLIT_NAMES[split]}" + (f" of {rows['rows']:,} rows" if rows.get("rows") else "")
    scores = _file_scores(compared, "student", split)
    if not scores:
        return ""
    sentence = f"{on} the {'files reach' if len(scores) > 1 else 'file reaches'} {_range(metric, scores)} {metric}"
    exported = _file_scores(compared, "teacher", split)
    known = {kind: found.score(split) for kind in KINDS if (found := trained(compared, kind)) is not None}
    known = {kind: score for kind, score in known.items() if score is not None}
    said = [f"{KINDS[kind]} {show_score(metric, score)}" for kind, score in known.items() if kind != "student"]
    if exported:
        said.insert(1 if "teacher" in known else 0, f"exported the same way {_range(metric, exported)}")
    sentence += "".join(f", {words}" for words in said)
    if "student" in known:
        gap = show_gap(metric, min(scores), known["student"])
        sentence += f"; the lowest file lies {gap} the fp32 student" if len(scores) > 1 else f"; that is {gap} the fp32 student"
    return sentence + "."


def _file_scores(compared: list[Model], kind: str, split: str) -> list[float]:
    found = (model.score(split) for model in compared if model.kind == kind and model.file)
    return [score for score in found if score is not None]


def _range(metric: str, scores: list[float]) -> str:
    return spread(show_score(metric, min(scores)), show_score(metric, max(scores)))


def checks(summary: dict[str, Any]) -> str:
    """Of the student and of its files, in a sentence or two."""
    files, failed = summary.get("files", []), failures(summary)
    if failed:
        named = listed([finding["name"] for finding in failed])
        if not files:
            return f"NOT WORTH SHIPPING: nothing was distilled ({named})."
        return f"The student is NOT WORTH SHIPPING ({named}). {_file_checks(files)}".rstrip()
    judged = summary.get("checks") or []
    if files and judged and all(entry.get("passed") for entry in files):
        warned = [finding["name"] for finding in judged if finding["level"] == "warning"]
        every = "of every file" if len(files) > 1 else "of the file"
        passed = f"Every check of the student and {every} passed"
        return f"{passed}, with warnings ({listed(warned)})." if warned else f"{passed}."
    return _file_checks(files)


def _file_checks(files: list[dict[str, Any]]) -> str:
    judged = [entry for entry in files if entry.get("passed") is not None]
    failed = [entry["file"] for entry in judged if not entry["passed"]]
    if failed:
        return f"Verification FAILED for {listed(failed)}: do not ship {'it' if len(failed) == 1 else 'them'}."
    if not judged:
        return "Nothing was verified." if files else ""
    if len(judged) < len(files):
        return f"Verified: {listed([entry['file'] for entry in judged])}; the rest was not."
    return f"{'Every file does' if len(files) > 1 else 'The file does'} what the student does."


def timings(summary: dict[str, Any]) -> str:
    """Says so where the bench itself does not wholly trust its timings."""
    records = measurements(summary)
    invalid = [record.title for record in records if record.verdict == "invalid"]
    warned = [record.title for record in records if record.verdict == "warn"]
    found = [f"The timings of {listed(invalid)} are INVALID."] if invalid else []
    which = "all timings" if len(warned) == len(records) else f"the timings of {listed(warned)}"
    found += [f"The bench warns about {which}."] if warned else []
    return " ".join(found) + " The report's section Speed gives the reasons." if found else ""


def footnote(summary: dict[str, Any]) -> str:
    """What was only timed: in another runtime or precision, or made with other tools, so that no ratio is made with it."""
    said = []
    for record in measurements(summary):
        if record.file is None and record.p50 is not None:
            what = ", ".join(filter(None, (record.note, record.engine)))
            said.append(f"{record.name} ({what}) {show_ms(record.p50)}")
    return unbroken(f"Timed beside them, not exported the same way: {'; '.join(said)}.") if said else ""


def failures(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks of the student that say that it is not worth shipping."""
    return [finding for finding in summary.get("checks") or () if finding["level"] == "failed"]


def told(finding: dict[str, Any]) -> str:
    """What was seen, and what to try where something is to be done."""
    fix = finding.get("fix") if finding["level"] != "ok" else ""
    return f"{finding['detail']}. To try: {fix}" if fix else finding["detail"]


def good(summary: dict[str, Any]) -> bool:
    """Whether every file that there is was checked and passed, and no check of the student failed."""
    files = summary.get("files", [])
    return bool(files) and all(entry.get("passed") for entry in files) and not failures(summary)


def threads(record: Measured) -> str:
    return f"{record.threads} thread{'' if record.threads == 1 else 's'}"
