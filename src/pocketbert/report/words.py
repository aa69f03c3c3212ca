"""The verdict in plain words: what was built, how small, how fast, how much accuracy is kept, and whether it holds."""

from __future__ import annotations

import re

from pocketbert.bench.record import Record
from pocketbert.report.shown import listed, show_bytes, show_gap, show_ms, show_score, spread
from pocketbert.report.summary import File, Summary
from pocketbert.report.timings import is_file, quantile
from pocketbert.tasks.worth import Finding

SPLIT_NAMES = {"dev": "dev set", "test": "test set"}
KINDS = {"teacher": "the teacher", "baseline": "the same student without distillation", "bag of words": "a bag of words"}


def verdict(seen: Summary) -> str:
    """One paragraph, every figure of it from the summary; what was not measured is not spoken of."""
    sentences = [_built(seen), _size(seen), _speed(seen), _accuracy(seen), _timings(seen)]
    failed = seen.failures or any(file.passed is False for file in seen.files)
    sentences.insert(0 if failed else -1, _checks(seen))
    return unbroken(" ".join(filter(None, sentences)))


def unbroken(text: str) -> str:
    """With no line break between a number and its unit."""
    return re.sub(r"(?<=\d) (?=%|ms\b|[kMG]B\b)", "\N{NO-BREAK SPACE}", text)


def _built(seen: Summary) -> str:
    task, files = seen.task, seen.files
    pairs = "pairs of texts" if task.get("pair") else "single texts"
    labels = f" into {len(task['labels'])} labels" if task.get("labels") else ""
    kind = {"classification": "classifies", "regression": "rates"}.get(str(task.get("kind")), "reads")
    made = f" It was sealed as {listed([f'.{file.container}' for file in files])}." if files else " No file was sealed."
    return f"{seen.name} {kind} {pairs}{labels}.{made}"


def _size(seen: Summary) -> str:
    sizes = [file.bytes for file in seen.files]
    if not sizes:
        return ""
    each = "Each file holds" if len(sizes) > 1 else "The file holds"
    sentence = f"{each} model, tokenizer and self-check in {spread(show_bytes(min(sizes)), show_bytes(max(sizes)))}"
    shares = sorted(line.against.size for line in seen.lines if line.against and line.against.size)
    if not shares:
        return sentence + "."
    return f"{sentence}, {spread(f'{100 * shares[0]:.0f} %', f'{100 * shares[-1]:.0f} %')} of the teacher exported the same way."


def _speed(seen: Summary) -> str:
    students = [line for line in seen.lines if line.model.model == "student"]
    timed = [(p50, line, line.record) for line in students if line.record and (p50 := quantile(line.record, "forward"))]
    if not timed:
        return ""
    p50, fastest, record = min(timed, key=lambda entry: entry[0])
    first = f"The fastest, {fastest.model.file}," if len(timed) > 1 else fastest.model.file
    where = f"{seen.machine.get('cpu') or 'this machine'}, {threads(record)}"
    sentence = f"{first} runs a text in {show_ms(p50)} (median) on {where}"
    if fastest.against is None or fastest.against.speed is None:
        return sentence + "."
    return f"{sentence}: {fastest.against.speed:.1f} times the speed of {fastest.against.teacher}, measured in turns with it."


def _accuracy(seen: Summary) -> str:
    if not seen.splits:
        return ""
    split, metric = seen.splits[-1], seen.metric
    scores = _file_scores(seen, "student")
    if not scores:
        return ""
    on = f"On the {SPLIT_NAMES[split]}" + (f" of {seen.rows[split]:,} rows" if split in seen.rows else "")
    sentence = f"{on} the {'files reach' if len(scores) > 1 else 'file reaches'} {_range(metric, scores)} {metric}"
    for kind, words in KINDS.items():
        model, exported = seen.trained(kind), _file_scores(seen, kind)
        if model and (score := model.score(metric, split)) is not None:
            sentence += f", {words} {show_score(metric, score)}"
        if exported:
            sentence += f", exported the same way {_range(metric, exported)}"
    student = seen.trained("student")
    if student and (score := student.score(metric, split)) is not None:
        which = "the lowest file lies" if len(scores) > 1 else "that is"
        sentence += f"; {which} {show_gap(metric, min(scores), score)} the fp32 student"
    return sentence + "."


def _file_scores(seen: Summary, kind: str) -> list[float]:
    """Of a kind's files on the last split."""
    found = (model.score(seen.metric, seen.splits[-1]) for model in seen.models if model.model == kind and model.file)
    return [score for score in found if score is not None]


def _range(metric: str, scores: list[float]) -> str:
    return spread(show_score(metric, min(scores)), show_score(metric, max(scores)))


def _checks(seen: Summary) -> str:
    """Of the student and of its files, in a sentence or two."""
    if seen.failures:
        named = listed([finding.name for finding in seen.failures])
        if not seen.files:
            return f"NOT WORTH SHIPPING: nothing was distilled ({named})."
        return f"The student is NOT WORTH SHIPPING ({named}). {_file_checks(seen.files)}".rstrip()
    if not (good(seen) and seen.checks):
        return _file_checks(seen.files)
    warned = [finding.name for finding in seen.checks if finding.level == "warning"]
    passed = f"Every check of the student and of {'every' if len(seen.files) > 1 else 'the'} file passed"
    return f"{passed}, with warnings ({listed(warned)})." if warned else f"{passed}."


def _file_checks(files: tuple[File, ...]) -> str:
    judged = [file for file in files if file.passed is not None]
    failed = [file.file for file in judged if not file.passed]
    if failed:
        return f"Verification FAILED for {listed(failed)}: do not ship {'it' if len(failed) == 1 else 'them'}."
    if not judged:
        return "Nothing was verified." if files else ""
    if len(judged) < len(files):
        return f"Verified: {listed([file.file for file in judged])}; the rest was not."
    return f"{'Every file does' if len(files) > 1 else 'The file does'} what the student does."


def _timings(seen: Summary) -> str:
    """Says so where the bench itself does not wholly trust its timings."""
    invalid, warned = ([r.name for r in seen.bench if r.validity.verdict == verdict] for verdict in ("invalid", "warn"))
    found = [f"The timings of {listed(invalid)} are INVALID."] if invalid else []
    which = "all timings" if len(warned) == len(seen.bench) else f"the timings of {listed(warned)}"
    found += [f"The bench warns about {which}."] if warned else []
    return " ".join([*found, "The report's section Speed gives the reasons."]) if found else ""


def footnote(seen: Summary) -> str:
    """What was only timed: in another runtime or precision, or made with other tools, so that no ratio is made with it."""
    said = []
    for record in seen.bench:
        if not is_file(record) and (p50 := quantile(record, "forward")) is not None:
            said.append(f"{record.name} ({', '.join(filter(None, (record.note, engine(record))))}) {show_ms(p50)}")
    return unbroken(f"Timed beside them, not exported the same way: {'; '.join(said)}.") if said else ""


def told(finding: Finding) -> str:
    """What was seen, and what to try where something is to be done."""
    return f"{finding.detail}. To try: {finding.fix}" if finding.fix and finding.level != "ok" else finding.detail


def good(seen: Summary) -> bool:
    """Whether every file that there is was checked and passed, and no check of the student failed."""
    return bool(seen.files) and all(file.passed for file in seen.files) and not seen.failures


def engine(record: Record) -> str:
    """The runtime and its version."""
    return " ".join(filter(None, (record.engine, record.engine_version)))


def threads(record: Record) -> str:
    return f"{record.threads} thread{'' if record.threads == 1 else 's'}"
