"""Sealed artifacts measured on a device, one record a file: `bench([Path("intents.tflite")], Plan())`. Never loads torch.

A device is one file in bench/devices/ with `measure(paths, plan, progress) -> list[Record]`; a printer is one file in
bench/printers/ with `render(records) -> str`.
"""

from __future__ import annotations

from pathlib import Path

from pocketbert.bench import devices
from pocketbert.bench.baseline import Baseline
from pocketbert.bench.named import module_of
from pocketbert.bench.plan import Plan, Progress
from pocketbert.bench.printers import printed
from pocketbert.bench.record import Record

__all__ = ["Baseline", "Plan", "Record", "bench", "printed"]


def bench(paths: list[Path], plan: Plan | None = None, progress: Progress | None = None, device: str = "local") -> list[Record]:
    """Measures the files, and the plan's baselines with the same texts.

    Args:
        paths: sealed .pte, .tflite and .onnx files that take the same kind of text (single or pair).
        plan: how long, how many threads, which texts, against what.
        progress: called with (done, total) as the work goes on.
        device: the name of a file in bench/devices/.

    Returns:
        a record for every file in the order given, then one for every baseline.

    Raises:
        UserError: a file is damaged, its runtime is missing, the texts do not fit, or no such device.
    """
    return module_of(devices, device, "device").measure([Path(path) for path in paths], plan or Plan(), progress or _silent)


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""
