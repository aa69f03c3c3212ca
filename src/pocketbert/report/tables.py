"""The comparison of all models as the table that ends a build on the terminal, and as the README's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from pocketbert.report.shown import NOTHING, listed, show_bytes, show_score
from pocketbert.report.summary import NOT_WORTH, Line, Summary, read_summary
from pocketbert.report.timings import over_base
from pocketbert.report.words import footnote, threads, told, verdict
from pocketbert.tasks.markdown import markdown_table

MARKS = {True: "[green]passed[/]", False: "[bold red]FAILED[/]", None: f"[dim]{NOTHING}[/]"}
COMPARED = "against the exported teacher"
VERSIONS = ("pocketbert", "torch", "executorch", "ai-edge-litert", "onnxruntime")


def _columns(seen: Summary) -> dict[str, Callable[[Line], str]]:
    """Heading -> what stands under it, for what was measured at all."""
    columns: dict[str, Callable[[Line], str]] = {"model": lambda line: line.model.name}
    for split in seen.splits:
        columns[f"{seen.metric}, {split}"] = lambda line, split=split: show_score(
            seen.metric, line.model.score(seen.metric, split)
        )
    columns["size"] = lambda line: show_bytes(line.model.bytes)
    timed = any(line.record for line in seen.lines)
    if timed:
        columns["one text (p50)"] = lambda line: line.p50
    if any(line.against or line.model.failed for line in seen.lines):
        columns[COMPARED] = lambda line: line.compared
    if timed:
        columns["memory"] = lambda line: line.memory
    return columns


def terminal_tables(summary: Mapping[str, Any]) -> list[Table]:
    """One row per model: accuracy, size, median time of a forward pass, memory over an empty process, verification."""
    seen = read_summary(summary)
    said = "\n".join(filter(None, (verdict(seen), footnote(seen))))
    table = Table(title=escape(seen.name), title_justify="left", caption=escape(said), caption_justify="left")
    columns = _columns(seen)
    for heading in columns:
        if heading == "model":
            table.add_column(heading)
        elif heading == COMPARED:
            table.add_column(heading, max_width=24)
        else:  # as narrow as its figures, and those whole
            table.add_column(heading.replace(", ", "\n").replace(" (", "\n("), justify="right", no_wrap=True)
    table.add_column("verified")
    for line in seen.lines:
        table.add_row(*(escape(cell(line)) for cell in columns.values()), MARKS[line.passed])
    return [table]


def standing_lines(summary: Mapping[str, Any]) -> list[str]:
    """A line for each check of the student that warns or failed, with what to try, and what follows; none if all is well."""
    seen, lines = read_summary(summary), []
    for finding in sorted(seen.checks, key=lambda finding: finding.level == "failed"):
        colour = {"failed": "bold red", "warning": "yellow"}.get(finding.level)
        if colour:
            lines.append(f"[{colour}]{finding.level}  {escape(finding.name)}:[/] {escape(told(finding))}")
    if seen.standing == NOT_WORTH:
        lines.append(f"[bold red]{escape(seen.name)} is NOT WORTH SHIPPING.[/] The files are there, and whole.")
    return lines


def readme_table(summary: Mapping[str, Any]) -> str:
    """A Markdown table, one row per model, and a line that says which command made it, when, where and with what."""
    seen = read_summary(summary)
    columns = _columns(seen)
    rows = [[_plain(cell(line)) for cell in columns.values()] for line in seen.lines]
    return f"{markdown_table(list(columns), rows, texts=1)}\n\n{_plain(' '.join(filter(None, _origin(seen))))}"


def _origin(seen: Summary) -> list[str]:
    """Where the figures come from; a figure without it is worth nothing."""
    machine, minutes = seen.machine, sum(seen.seconds.values()) / 60
    where = [str(machine.get("cpu") or "an unnamed CPU")] + ([threads(seen.bench[0])] if seen.bench else [])
    cores = f" on {machine['cores']} core{'s' * (machine['cores'] != 1)}" if machine.get("cores") else ""
    tools = [f"{name} {version}" for name, version in seen.versions.items() if name in VERSIONS]
    failed = [f"{finding.name}: {finding.detail}" for finding in seen.failures]
    memory = "Memory is what the model and its buffers add to a process that has loaded runtime and tokenizer."
    return [
        f"NOT WORTH SHIPPING: {'; '.join(failed)}." if failed else "",
        f"Measured by `{seen.command or 'pocketbert build'}` on {', '.join(where)}, {(seen.created or NOTHING)[:10]}.",
        f"All stages took {minutes:.1f} minutes{cores}." if minutes else "",
        f"Rows: {listed([f'{count:,} {split}' for split, count in seen.rows.items()])}." if seen.rows else "",
        f"Versions: {listed(tools)}." if tools else "",
        _doubts(seen),
        memory if any(over_base(record) is not None for record in seen.bench) else "",
        footnote(seen),
    ]


def _doubts(seen: Summary) -> str:
    """The bench's own doubts about its timings, each with the models that it concerns."""
    found: dict[str, list[str]] = {}
    for record in seen.bench:
        for reason in record.validity.reasons if record.validity.verdict != "valid" else ():
            found.setdefault(reason, []).append(record.name)
    every = {record.name for record in seen.bench}
    said = [reason if set(names) == every else f"{reason} ({', '.join(names)})" for reason, names in found.items()]
    return f"The bench's remarks: {'; '.join(said)}." if said else ""


def _plain(value: str) -> str:
    """Names and messages are a user's: nothing in them is markup."""
    return value.replace("\n", " ").replace("<", "&lt;")
