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


def inspect_rows(artifact) -> list[tuple[str, str]]:
    """(what, value) of everything a sealed file says of itself."""
    manifest, task = artifact.manifest, artifact.task
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
        ("golden", f"{len(artifact.golden.vectors)} vectors, tolerance {artifact.golden.tolerance:.3g}"),
        ("compute", f"{manifest.compute.size:,} bytes"),
    ]
    rows += [(f"  {name}", f"{entry.size:,} bytes") for name, entry in manifest.entries.items()]
    rows += [(name, f"{value:.4f}" if value < 2 else f"{value:g}") for name, value in manifest.metrics.items()]
    return rows + [(f"made from: {name}", _short(value)) for name, value in manifest.provenance.items()]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    return str(value)
