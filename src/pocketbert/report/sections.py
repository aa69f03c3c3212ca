"""What stands in each section of the page. Loaded only when a report is written, since its plots need matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pocketbert.distill.auto import show_tried, show_value
from pocketbert.report import plots
from pocketbert.report.shown import NOTHING, show_bytes, show_count, show_ms, show_score
from pocketbert.report.summary import Summary
from pocketbert.report.timings import is_file, over_base, quantile, spreads
from pocketbert.report.words import engine, footnote
from pocketbert.tasks.worth import Finding

NUMBER, WIDE = "number", "wide"  # right-aligned and never broken; sentences, which need room before they break
RESULTS = {True: "passed", False: "FAILED", None: "not judged"}
LEVELS = {"ok": "passed", "warning": "warning", "failed": "FAILED"}


@dataclass(frozen=True)
class Table:
    """Rows under a caption; the first column heads its row.

    Args:
        columns: heading -> "", "number" or "wide".
    """

    caption: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[object]]

    @property
    def kinds(self) -> list[str]:
        return list(self.columns.values())


@dataclass(frozen=True)
class Section:
    """What stands under a heading; a section and a table without rows are left out.

    Args:
        tables, plots: plots stand first.
        note: small print under the tables.
        by_length: forward passes by the length of the text; few will read them, so a line opens them.
        use: begins with how a file is used.
    """

    title: str
    tables: Sequence[Table]
    plots: Sequence[plots.Plot] = ()
    note: str = ""
    by_length: Sequence[Table] = ()
    use: bool = False


def sections(seen: Summary) -> list[Section]:
    """All of them, in the order of the page."""
    return [
        Section("Doctor", [_findings("Found before the training", (f for f in seen.doctor if f.level != "ok"))]),
        Section("Against the exported teacher", [_against(seen)]),
        Section(seen.metric.capitalize(), _scores(seen), plots.accuracy(seen) if seen.splits else ()),
        Section("Size", _sizes(seen), plots.sizes(seen) if any(model.bytes for model in seen.models) else ()),
        Section("Speed", _speed(seen), plots.latency(seen), note=footnote(seen), by_length=_by_length(seen)),
        Section("Memory", [_memory(seen)], plots.memory(seen)),
        Section("Checks", _checks(seen)),
        Section("How the numbers were found", _training(seen)),
        Section("More texts for the teacher to label", _more_texts(seen)),
        Section("How to use it", [_files(seen)], use=True),
        Section("Delegation", [_delegation(seen)]),
        Section("Environment", _environment(seen)),
    ]


def _numbers(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, NUMBER)


def _findings(caption: str, findings: Iterable[Finding]) -> Table:
    columns = {"check": "", "result": "", "what was seen": WIDE, "what to try": WIDE}
    return Table(caption, columns, [[f.name, LEVELS[f.level], f.detail, f.fix or NOTHING] for f in findings])


def _against(seen: Summary) -> Table:
    """Each student's file beside the teacher's of the same container and precision."""
    columns = {"file": "", "against the teacher exported the same way": WIDE, "the teacher's file": ""}
    lines = [line for line in seen.lines if line.against or line.model.failed]
    rows = [[line.model.name, line.compared, line.against.teacher if line.against else NOTHING] for line in lines]
    return Table("Same container, same precision, no distillation", columns, rows)


def _scores(seen: Summary) -> list[Table]:
    """The task's own metric, then what was measured besides it."""

    def rows(metric: str) -> list[list[str]]:
        return [[show_score(metric, model.score(metric, split)) for split in seen.splits] for model in seen.models]

    counts = [f"{split}: {count:,} rows" for split, count in seen.rows.items()]
    caption = f"{seen.metric.capitalize()} of every model" + (f"; {', '.join(counts)}" if counts else "")
    columns = {"model": "", **_numbers(*seen.splits), "what it is": WIDE}
    lines = zip(seen.models, rows(seen.metric), strict=True)
    main = Table(caption, columns, [[model.name, *scores, model.what] for model, scores in lines] if seen.splits else [])
    others = {name for model in seen.models for scores in (model.dev, model.test) for name in scores or {}} - {seen.metric}
    columns = {"model": "", **_numbers(*(f"{n.replace('_', ' ')}, {split}" for n in sorted(others) for split in seen.splits))}
    parts = zip(seen.models, *(rows(name) for name in sorted(others)), strict=True)
    return [main, Table("Other metrics", columns, [[model.name, *sum(found, [])] for model, *found in parts] if others else [])]


def _sizes(seen: Summary) -> list[Table]:
    columns = {"model": "", **_numbers("size", "bytes", "parameters"), "file": ""}
    rows = [
        [m.name, show_bytes(m.bytes), show_count(m.bytes), show_count(m.parameters), m.file or NOTHING]
        for m in seen.models
        if m.bytes
    ]
    files = [file for file in seen.files if file.parts]
    names = dict.fromkeys(name for file in files for name in file.parts)
    return [
        Table("Size of every model; what is no file counts as its weights (1 MB is 1,000,000 bytes)", columns, rows),
        Table(
            "What is in each file, in bytes",
            {"part": "", **_numbers(*(f".{file.container}" for file in files))},
            [[name, *(show_count(file.parts.get(name)) for file in files)] for name in names],
        ),
    ]


def _speed(seen: Summary) -> list[Table]:
    files = [record for record in seen.bench if is_file(record)] or seen.bench
    percentiles, phases = ("p50", "p90", "p95", "p99"), ("tokenize", "end_to_end", "load", "first")
    forward = [
        [r.name, *(show_ms(quantile(r, "forward", name)) for name in percentiles), engine(r), show_count(r.threads)]
        for r in files
    ]
    trust = [
        [
            record.name,
            record.validity.verdict,
            NOTHING if record.golden is None else RESULTS[record.golden],
            "; ".join(record.validity.reasons) or NOTHING,
        ]
        for record in seen.bench
    ]
    return [
        Table("Forward pass of one text", {"model": "", **_numbers(*percentiles), "runtime": "", "threads": NUMBER}, forward),
        Table(
            "The other phases",
            {"model": "", **_numbers("tokenize p50", "end to end p50", "load", "first run")},
            [[record.name, *(show_ms(quantile(record, phase)) for phase in phases)] for record in files],
        ),
        # the bench's own verdict, and whether the model gave the right answers while it was timed
        Table("Whether the timings can be trusted", {"model": "", "timings": "", "golden check": "", "reasons": WIDE}, trust),
    ]


def _by_length(seen: Summary) -> list[Table]:
    by_spread = [
        [seen.brief(record), at.lengths, show_count(at.runs), *map(show_ms, at.ms)]
        for record in seen.bench
        for at in spreads(record)
    ]
    fixed = [
        [seen.brief(record), at.length, show_count(at.runs), *map(show_ms, (at.min, at.p50, at.p90))]
        for record in seen.bench
        for at in record.by_length
    ]
    quartiles = _numbers("tokens", "runs", "least", "p25", "p50", "p75", "p95")
    tables = [
        Table("Forward pass of real texts, by their length", {"model": "", **quartiles}, by_spread),
        Table("Forward pass at fixed lengths", {"model": "", **_numbers("tokens", "runs", "least", "p50", "p90")}, fixed),
    ]
    return [table for table in tables if table.rows]


def _memory(seen: Summary) -> Table:
    columns = {"model": "", **_numbers("running", "over base", "base", "model loaded", "peak"), "runtime": "", "remark": WIDE}
    rows = []
    for record in seen.bench:
        memory = record.memory
        if is_file(record) and (memory.steady is not None or memory.note):
            sizes = (memory.steady, over_base(record), memory.base, memory.loaded, memory.peak)
            rows.append([record.name, *map(show_bytes, sizes), engine(record), memory.note])
    caption = "Resident memory, each file in a process of its own; base has runtime and tokenizer loaded, the model not yet"
    return Table(caption, columns, rows)


def _checks(seen: Summary) -> list[Table]:
    """Of the student, then of every file."""
    tables = [_findings("Is the student worth shipping?", seen.checks)]
    columns = {"check": "", "result": "", "what was seen": WIDE}
    for file in seen.files:
        rows = [[check.name, RESULTS[check.passed], check.detail] for check in file.checks] or [["all", RESULTS[None], NOTHING]]
        tables.append(Table(f"{file.file}: {'not verified' if file.passed is None else RESULTS[file.passed]}", columns, rows))
    return tables


def _training(seen: Summary) -> list[Table]:
    """What `auto` chose in every stage, and the minutes planned and taken."""

    def minutes(value: float | None) -> str:
        return NOTHING if value is None else f"{value:.1f}"

    columns = {"stage": "", "option": "", "value": "", "tried (score on dev)": WIDE, "why": WIDE}
    chosen = [
        [stage, choice["option"].replace("_", " "), show_value(choice["value"]), show_tried(choice) or NOTHING, choice["why"]]
        for stage, part in seen.training.items()
        for choice in part.choices
    ]
    times = [[stage, minutes(part.planned_minutes), minutes(part.minutes)] for stage, part in seen.training.items()]
    return [
        Table("What nobody gave, and the build chose", columns, chosen),
        Table("Time, in minutes", {"stage": "", **_numbers("planned", "taken")}, times),
    ]


def _more_texts(seen: Summary) -> list[Table]:
    """What each operation made, and where the teacher does not say of a variant what it says of the original."""
    columns = {"operation": "", "what it does": WIDE, **_numbers("texts", "kept", "variants looked at", "agreement")}
    made = [
        [
            name,
            part.what,
            *map(show_count, (part.made, part.kept, part.compared)),
            NOTHING if part.agreement is None else f"{part.agreement:.4f}",
        ]
        for name, part in seen.augment.items()
    ]
    changed = [
        [" | ".join(one["original"]), " | ".join(one["variant"]), one["before"], one["after"], name]
        for name, part in seen.augment.items()
        for one in part.changed
    ]
    others = {"original": WIDE, "variant": WIDE, "label of the original": "", "label of the variant": "", "operation": ""}
    return [
        Table("Agreement of the teacher's answers to variants with those to their originals", columns, made),
        Table("Some of the texts for which it changes its mind", others, changed),
    ]


def _files(seen: Summary) -> Table:
    rows = [[file.file, show_bytes(file.bytes), file.sha256] for file in seen.files]
    return Table("The files", {"file": "", "size": NUMBER, "sha256": ""}, rows)


def _delegation(seen: Summary) -> Table:
    columns = {"file": "", "backend": "", **_numbers("share", "multiply-accumulates", "partitions"), "left over": WIDE}
    rows = []
    for file in seen.files:
        if (part := file.delegation) is not None:
            share = NOTHING if part.share is None else f"{100 * part.share:.2f} %"
            left = ", ".join(f"{name} × {count}" for name, count in part.left_over.items()) or "nothing"
            rows.append([file.file, part.backend, share, show_count(part.macs), show_count(part.partitions), left])
    return Table("Share of the work that runs in the fast backend", columns, rows)


def _environment(seen: Summary) -> list[Table]:
    columns = {"what": "", "value": WIDE}
    took = [[stage, f"{seconds:.1f} s"] for stage, seconds in seen.seconds.items()]
    return [
        Table("Machine", columns, list(_flat(seen.machine))),
        Table("Versions", columns, list(_flat(seen.versions))),
        Table("Time of each stage of the build", {"stage": "", "took": NUMBER}, took),
    ]


def _flat(entry: Mapping[str, Any], above: str = "") -> Iterable[list[str]]:
    """Rows (name, value) of nested dictionaries, whatever the bench recorded; what is empty is left out."""
    show: dict[str, Callable[[Any], str]] = {"memory": show_bytes, "memory_bytes": show_bytes}
    for key, value in entry.items():
        name = f"{above} {key}".replace("_", " ").strip()
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        elif isinstance(value, (list, tuple)) and value:
            yield [name, ", ".join(map(str, value))]
        elif value not in (None, "", [], ()):
            yield [name.removesuffix(" bytes"), show.get(key, str)(value)]
