"""What the terminal shows of verdicts, predictions and files; no figure is computed here."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

MARKS = {True: "[green]pass[/]", False: "[red]FAIL[/]", None: "[dim]—[/]"}


def verdict_table(verdict) -> Table:
    """One line a check of a `Verdict`."""
    table = Table(title=f"{verdict.file} in {verdict.runtime}", title_justify="left", show_edge=False)
    table.add_column("check", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("what was seen")
    for check in verdict.checks:
        table.add_row(check.name, MARKS[check.passed], escape(check.detail))
    return table


LEVELS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failed": "[red]✗[/]"}


def finding_line(finding) -> str:
    """One line per `Finding`, with what to try where it is not ok."""
    line = f"  {LEVELS[finding.level]} {escape(finding.name)}: {escape(finding.detail)}"
    return line if finding.level == "ok" or not finding.fix else f"{line}. To try: {escape(finding.fix)}"


def doctor_table(findings) -> Table:
    """One line per `Finding`; what is not ok also says why it is looked at, and what to do."""
    from pocketbert.doctor import reasons

    why = reasons()
    table = Table(title="doctor", title_justify="left", show_edge=False)
    table.add_column("check")
    table.add_column("", no_wrap=True)
    table.add_column("what was seen")
    for finding in findings:
        lines = [escape(finding.detail)]
        if finding.level != "ok":
            lines += [f"[dim]{escape(why[finding.name])}[/]"] if finding.name in why else []
            lines += [f"[bold]try[/] {escape(finding.fix)}"] if finding.fix else []
        table.add_row(escape(finding.name), LEVELS[finding.level], "\n".join(lines))
    return table


def plan_table(plan) -> Table:
    """Stages, steps and minutes of a `Plan`, before anything trains."""
    table = Table(title="plan", title_justify="left", show_edge=False)
    for name, numeric in (("stage", False), ("steps", True), ("learning rate", False), ("minutes", True)):
        table.add_column(name, justify="right" if numeric else "left", no_wrap=True)
    for name, stage in plan.stages.items():
        rate = f"{stage.options.learning_rate:g}" if stage.search is None else _searched(stage.search)
        table.add_row(name, f"{stage.steps:,}", rate, f"{stage.seconds / 60:.1f}")
    if plan.augment_seconds:
        table.add_row("more texts (augment)", "", "", f"{plan.augment_seconds / 60:.1f}")
    if plan.compare_seconds:
        table.add_row("with or without the intermediate stage: both tried", "", "", f"{plan.compare_seconds / 60:.1f}")
    if plan.finish_seconds:
        table.add_row("files, verify, bench (about)", "", "", f"{plan.finish_seconds / 60:.1f}")
    total = f"about {plan.seconds / 60:.1f} of the {plan.budget_seconds / 60:g} minutes of the budget"
    table.caption, table.caption_justify = f"{total}{'; ' if plan.said else ''}{plan.said}", "left"
    return table


def _searched(search) -> str:
    rounds = "one round" if len(search.rounds) == 1 else f"{len(search.rounds)} rounds"
    return f"best of {', '.join(f'{rate:g}' for rate in search.arms)} in {rounds}"


def inspect_rows(artifact) -> list[tuple[str, str]]:
    """(what, value) of everything a sealed file says of itself."""
    manifest, task, golden = artifact.manifest, artifact.task, artifact.golden
    lengths = manifest.lengths
    labels = ", ".join(task.labels[:12]) + (f" and {len(task.labels) - 12} more" if len(task.labels) > 12 else "")
    number = manifest.quantization
    rows = [
        ("file", f"{artifact.path.name}, {artifact.size:,} bytes"),
        ("sha256", artifact.sha256),
        ("format", f"pocketbert {manifest.format.major}.{manifest.format.minor}, container .{manifest.container}"),
        ("runtime", f"{manifest.runtime.name}, {manifest.runtime.least_version} or later"),
        ("task", f"{task.kind} of {'pairs of texts' if task.pair else 'single texts'}"),
        ("labels", labels),
        ("lengths", f"{lengths.min} to {lengths.max} tokens, exact" if lengths.static is None else f"static {lengths.static}"),
        ("numbers", f"{number.recipe}: linear {number.linear_bits} bits, embedding {number.embedding_bits} bits"),
        ("vocabulary", f"{manifest.vocabulary_size:,} rows, {manifest.tokenizer.kind} tokenizer"),
        ("output", f"{manifest.output.size} {manifest.output.kind}"),
        ("golden", f"{len(golden.vectors)} vectors, off by {golden.reproducibility.largest:.3g} at most where it runs"),
        ("  from fp32", f"off by {golden.quantization_distance:.3g} at most when it was sealed"),
        ("compute", f"{manifest.compute.size:,} bytes"),
    ]
    rows += [(f"  {name}", f"{entry.size:,} bytes") for name, entry in manifest.entries.items()]
    rows += [(name, f"{value:.4f}" if value < 2 else f"{value:g}") for name, value in manifest.metrics.items()]
    return rows + [(f"made from: {name}", _short(value)) for name, value in manifest.provenance.items()]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    return str(value)
