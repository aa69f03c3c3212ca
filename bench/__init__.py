"""Artifact and device to record: measures with real text, in one run, and says whether the figures can be trusted.

It never loads torch. A device is a file in devices/ with `measure(subjects, plan, progress) -> list[Record]`, a printer a file in
printers/ with `render(records) -> str`.
"""

from __future__ import annotations

from pocketbert.bench.plan import Baseline, Plan
from pocketbert.bench.record import Record, read_records, record_from_dict

__all__ = ["Baseline", "Plan", "Record", "measure", "read_records", "record_from_dict", "render"]


def measure(paths, plan, baselines=(), device: str = "local", progress=lambda done, total: None) -> list[Record]:
    """Measures sealed files, and baselines with the same texts, on a device; see devices/local.py."""
    import importlib

    return importlib.import_module(f"pocketbert.bench.devices.{device}").measure(paths, plan, baselines, progress)


def render(records: list[Record], form: str) -> str:
    """The records as md, csv, json or jsonl.

    Raises:
        UserError: no such form.
    """
    import importlib
    import pkgutil

    from pocketbert.bench import printers
    from pocketbert.tasks import UserError

    known = sorted(module.name for module in pkgutil.iter_modules(printers.__path__))
    if form not in known:
        raise UserError(f'cannot print records as "{form}"; use one of {", ".join(known)}.')
    return importlib.import_module(f"pocketbert.bench.printers.{form}").render(records)
