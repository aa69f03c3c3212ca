"""The sections of the page; each takes the summary and gives nothing where the summary has nothing for it."""

from __future__ import annotations

from typing import Any

from pocketbert.report import drawings
from pocketbert.report.comparison import models, splits_of
from pocketbert.report.judgement import mark
from pocketbert.report.markup import Column, Html, bullets, element, paragraph, section, table
from pocketbert.report.measured import Measured, measurements
from pocketbert.report.shown import NOTHING, show_bytes, show_count, show_ms, show_score
from pocketbert.report.standing import standings
from pocketbert.report.words import footnote

CODE = """from pocketbert import load

with load("{file}") as model:
    print(model.predict({texts}, top_k=3))"""


def warnings(summary: dict[str, Any]) -> Html | None:
    found = summary.get("warnings", [])
    return section("Warnings", bullets(found)) if found else None


def accuracy(summary: dict[str, Any]) -> Html | None:
    compared, splits, metric = models(summary), splits_of(summary), summary.get("metric", "accuracy")
    if not splits:
        return None
    shown = [model for model in compared if any(model.score(split) is not None for split in splits)]
    columns = [Column("model"), *(Column(split, number=True) for split in splits), Column("what it is", wide=True)]
    rows = [[model.name, *(show_score(metric, model.score(split)) for split in splits), model.what] for model in compared]
    counts = [
        f"{split}: {part['rows']:,} rows" for split, part in (summary.get("data") or {}).items() if part and part.get("rows")
    ]
    return section(
        metric.capitalize(),
        element("div", drawings.accuracy(shown, splits, metric), class_="plots"),
        table(f"{metric.capitalize()} of every model" + (f"; {', '.join(counts)}" if counts else ""), columns, rows),
        _other_metrics(summary, splits),
    )


def _other_metrics(summary: dict[str, Any], splits: list[str]) -> Html | None:
    """What was measured besides the task's own metric."""
    main, entries = summary.get("metric", "accuracy"), summary.get("models", [])
    names = sorted({name for entry in entries for split in splits for name in (entry.get(split) or {}) if name != main})
    if not names:
        return None
    columns = [
        Column("model"),
        *(Column(f"{name.replace('_', ' ')}, {split}", number=True) for name in names for split in splits),
    ]
    rows = [
        [model.name, *(show_score(name, (entry.get(split) or {}).get(name)) for name in names for split in splits)]
        for model, entry in zip(models(summary), entries, strict=True)
    ]
    return table("Other metrics", columns, rows)


def sizes(summary: dict[str, Any]) -> Html | None:
    compared = [model for model in models(summary) if model.bytes]
    if not compared:
        return None
    columns = _columns("model", ("size", "bytes", "parameters"), ("file",))
    rows = [[r.name, show_bytes(r.bytes), show_count(r.bytes), show_count(r.parameters), r.file or NOTHING] for r in compared]
    files = [entry for entry in summary.get("files", []) if entry.get("parts")]
    return section(
        "Size",
        element("div", *drawings.sizes(compared, files), class_="plots"),
        table("Size of every model; what is no file counts as its weights (1 MB is 1,000,000 bytes)", columns, rows),
        _parts_table(files) if files else None,
    )


def _parts_table(files: list[dict[str, Any]]) -> Html:
    names = list(dict.fromkeys(name for entry in files for name in entry["parts"]))
    columns = [Column("part"), *(Column(f".{entry['container']}", number=True) for entry in files)]
    rows = [[name, *(show_count(entry["parts"].get(name)) for entry in files)] for name in names]
    return table("What is in each file, in bytes", columns, rows)


def against(summary: dict[str, Any]) -> Html | None:
    """Each student's file beside the teacher's of the same container and precision."""
    lines = [line for line in standings(summary) if line.against or line.model.failed]
    if not lines:
        return None
    columns = [Column("file"), Column("against the teacher exported the same way", wide=True), Column("the teacher's file")]
    rows = [[line.model.name, line.compared, line.against.teacher.file if line.against else NOTHING] for line in lines]
    return section("Against the exported teacher", table("Same container, same precision, no distillation", columns, rows))


def speed(summary: dict[str, Any]) -> Html | None:
    records = measurements(summary)
    if not any(record.p50 is not None for record in records):
        return None
    by_length = [record for record in records if record.spreads]
    drawn = [record for record in by_length if record.file] or by_length  # a slow baseline would press the files flat
    files = [record for record in records if record.file] or records
    percentiles = ("p50", "p90", "p95", "p99")
    forward = [[r.title, *map(show_ms, (r.p50, r.p90, r.p95, r.p99)), r.engine, show_count(r.threads)] for r in files]
    phases = [[r.title, *map(show_ms, (r.tokenize, r.end_to_end, r.load, r.first))] for r in files]
    return section(
        "Speed",
        element("div", *drawings.latency(drawn), class_="plots") if drawn else None,
        table("Forward pass of one text", _columns("model", percentiles, ("runtime",), ("threads",)), forward),
        element("p", footnote(summary), class_="soft") if footnote(summary) else None,
        table("The other phases", _columns("model", ("tokenize p50", "end to end p50", "load", "first run")), phases),
        _trust_table(records),
        _folded("Forward pass by length, in figures", _spread_table(records), _length_table(records)),
    )


def _trust_table(records: list[Measured]) -> Html:
    """The bench's own verdict on its timings, and whether the model gave the right answers while it was timed."""
    columns = [Column("model"), Column("timings"), Column("golden check"), Column("reasons", wide=True)]
    rows = []
    for record in records:
        kind = {"valid": "good", "invalid": "bad"}.get(record.verdict or "", "soft")
        word = element("span", record.verdict or NOTHING, class_=kind)
        golden = NOTHING if record.golden is None else mark(record.golden)
        rows.append([record.title, word, golden, "; ".join(record.reasons) or NOTHING])
    return table("Whether the timings can be trusted", columns, rows)


def _spread_table(records: list[Measured]) -> Html | None:
    columns = _columns("model", ("tokens", "runs", "least", "p25", "p50", "p75", "p95"))
    rows = []
    for record in records:
        for at in record.spreads:
            five = (at.box.low, at.box.first, at.box.median, at.box.third, at.box.high)
            rows.append([record.brief, at.lengths, show_count(at.runs), *map(show_ms, five)])
    return table("Forward pass of real texts, by their length", columns, rows) if rows else None


def _length_table(records: list[Measured]) -> Html | None:
    columns = _columns("model", ("tokens", "runs", "least", "p50", "p90"))
    rows = [
        [record.brief, at.tokens, show_count(at.runs), *map(show_ms, (at.least, at.p50, at.p90))]
        for record in records
        for at in record.lengths
    ]
    return table("Forward pass at fixed lengths", columns, rows) if rows else None


def memory(summary: dict[str, Any]) -> Html | None:
    records = [record for record in measurements(summary) if record.file and (record.steady is not None or record.unmeasured)]
    if not records:
        return None
    columns = _columns("model", ("running", "over base", "base", "model loaded", "peak"), ("runtime",))
    columns.append(Column("remark", wide=True))
    sizes = [(r.steady, r.over_base, r.base, r.loaded, r.peak) for r in records]
    rows = [[r.title, *map(show_bytes, counts), r.engine, r.unmeasured] for r, counts in zip(records, sizes, strict=True)]
    drawn = [record for record in records if record.over_base is not None]
    return section(
        "Memory",
        element("div", drawings.memory(drawn), class_="plots") if drawn else None,
        table(
            "Resident memory, each file in a process of its own; base has runtime and tokenizer loaded, the model not yet",
            columns,
            rows,
        ),
    )


def use(summary: dict[str, Any]) -> Html | None:
    files = summary.get("files", [])
    if not files:
        return None
    file, pair = files[0]["file"], bool((summary.get("task") or {}).get("pair"))
    texts = '[("a first text", "a second text")]' if pair else '["a text of your own"]'
    words = '"a first text" --pair "a second text"' if pair else '"a text of your own"'
    line = f"pocketbert predict {file} {words}"
    rows = [[entry["file"], show_bytes(entry["bytes"]), entry.get("sha256", NOTHING)] for entry in files]
    return section(
        "How to use it",
        paragraph("Tokenizer and self-check are inside each file, so that the one you take needs nothing else:"),
        element("pre", element("code", CODE.format(file=file, texts=texts))),
        element("pre", element("code", line)),
        _labels(summary),
        table("The files", [Column("file"), Column("size", number=True), Column("sha256")], rows),
    )


def _labels(summary: dict[str, Any]) -> Html | None:
    labels = (summary.get("task") or {}).get("labels")
    return paragraph(f"It answers with one of {len(labels)} labels: ", ", ".join(labels), ".") if labels else None


def delegation(summary: dict[str, Any]) -> Html | None:
    found = [(entry, entry["delegation"]) for entry in summary.get("files", []) if entry.get("delegation")]
    if not found:
        return None
    columns = [Column("file"), Column("backend"), Column("share", number=True), Column("multiply-accumulates", number=True)]
    columns += [Column("partitions", number=True), Column("left over", wide=True)]
    rows = [
        [
            entry["file"],
            part.get("backend", NOTHING),
            NOTHING if part.get("share") is None else f"{100 * part['share']:.2f} %",
            show_count(part.get("macs")),
            show_count(part.get("partitions")),
            ", ".join(f"{name} × {count}" for name, count in (part.get("left_over") or {}).items()) or "nothing",
        ]
        for entry, part in found
    ]
    return section("Delegation", table("Share of the work that runs in the fast backend", columns, rows))


def environment(summary: dict[str, Any]) -> Html | None:
    columns, found = [Column("what"), Column("value", wide=True)], []
    for caption, part in (("Machine", summary.get("machine")), ("Versions", summary.get("versions"))):
        if part:
            found.append(table(caption, columns, _flat(part)))
    if summary.get("seconds"):
        rows = [[name, f"{value:.1f} s"] for name, value in summary["seconds"].items()]
        found.append(table("Time of each stage of the build", [Column("stage"), Column("took", number=True)], rows))
    return section("Environment", *found) if found else None


def _flat(entry: dict[str, Any], above: str = "") -> list[list[str]]:
    """Rows (name, value) of nested dictionaries, whatever the bench recorded; what is empty is left out."""
    rows = []
    for key, value in entry.items():
        name = f"{above} {key}".replace("_", " ").strip()
        if isinstance(value, dict):
            rows += _flat(value, name)
        elif key in ("memory", "memory_bytes") and value is not None:
            rows.append([name.removesuffix(" bytes"), show_bytes(value)])
        elif value not in (None, "", [], ()):
            rows.append([name, ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)])
    return rows


def _columns(first: str, numbers: tuple[str, ...], words: tuple[str, ...] = (), more: tuple[str, ...] = ()) -> list[Column]:
    """A heading of rows, then columns of numbers, of words and of numbers again."""
    return [Column(first), *(Column(n, True) for n in numbers), *map(Column, words), *(Column(n, True) for n in more)]


def _folded(title: str, *parts: Html | None) -> Html | None:
    """Long tables that few will read, behind a line that opens them."""
    found = [part for part in parts if part is not None]
    return element("details", element("summary", title), *found) if found else None
