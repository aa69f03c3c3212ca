"""What the machine says of itself under /proc and /sys. Whatever is missing or unreadable is None, never an error."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import resource
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from pocketbert.bench.record import Environment

ROOT = Path("/")
# what the int8 and fp16 kernels of XNNPACK and MLAS ask for
FEATURES = {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "asimddp", "i8mm", "sve", "sve2", "sme", "fphp"}
DISTRIBUTIONS = ("pocketbert", "numpy", "tokenizers", "ai-edge-litert", "onnxruntime", "executorch")
# MIDR_EL1 part numbers of implementer 0x41 (Arm): ARM kernels give no model name in /proc/cpuinfo
ARM_PARTS = {0xD03: "Cortex-A53", 0xD04: "Cortex-A35", 0xD07: "Cortex-A57", 0xD08: "Cortex-A72", 0xD0B: "Cortex-A76"}


def before(device: str = "local", root: Path = ROOT) -> Environment:
    """The machine now, with the fields that end in _after empty.

    Args:
        device: its name in the record.
        root: where proc and sys are found.
    """
    return Environment(
        device=device,
        model=_text(root / "proc/device-tree/model") or _text(root / "sys/devices/virtual/dmi/id/product_name"),
        cpu=_cpu_name(root),
        architecture=platform.machine() or None,
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        features=_features(root),
        memory=_memory(root),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        governor=_governor(root),
        frequency_before=_frequency(root, "scaling_cur_freq"),
        frequency_limit=_frequency(root, "cpuinfo_max_freq"),
        load_before=_load(root),
        temperature_before=_temperature(root),
        versions=_versions(),
    )


class Others:
    """How many cores other processes keep busy, on average from now to `cores()`.

    A load average would not do: it still holds what this machine did a minute ago.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._began, self._busy, self._own = perf_counter(), _busy_seconds(root), _own_seconds()

    def cores(self) -> float | None:
        """Cores; None where the system does not count, 0.0 at least."""
        busy, elapsed = _busy_seconds(self._root), perf_counter() - self._began
        if busy is None or self._busy is None or elapsed <= 0:
            return None
        return max(0.0, (busy - self._busy) - (_own_seconds() - self._own)) / elapsed


def after(environment: Environment, others: Others, root: Path = ROOT) -> Environment:
    """The same, with what can have moved read again."""
    return replace(
        environment,
        frequency_after=_frequency(root, "scaling_cur_freq"),
        load_after=_load(root),
        temperature_after=_temperature(root),
        busy_elsewhere=others.cores(),
    )


def to_plain(environment: Environment) -> dict[str, Any]:
    """For JSON."""
    return asdict(environment)


def from_plain(entry: dict[str, Any]) -> Environment:
    values: dict[str, Any] = {**entry, "features": tuple(entry["features"])}
    return Environment(**values)


def _busy_seconds(root: Path) -> float | None:
    """CPU seconds of all processes since the machine began: user, nice, system, interrupts and what the host stole."""
    fields = (_text(root / "proc/stat") or "").split("\n")[0].split()
    if len(fields) < 9 or fields[0] != "cpu" or not all(field.isdecimal() for field in fields[1:9]):
        return None
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[1:9])
    busy = user + nice + system + irq + softirq + steal
    return busy / os.sysconf("SC_CLK_TCK") if busy else None  # sandboxes show a row of zeros


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0 \n\t") or None
    except OSError:
        return None


def _number(path: Path) -> float | None:
    try:
        return float(_text(path) or "")
    except ValueError:
        return None


def _cpu_field(root: Path, *names: str) -> str | None:
    information = _text(root / "proc/cpuinfo") or ""
    for name in names:
        found = re.search(rf"^{name}\s*:\s*(.+)$", information, re.MULTILINE)
        if found:
            return found[1].strip()
    return None


def _cpu_name(root: Path) -> str | None:
    name = _cpu_field(root, "model name")
    if name:
        return name
    implementer, part = _cpu_field(root, "CPU implementer"), _cpu_field(root, "CPU part")
    try:
        known = ARM_PARTS.get(int(part or "", 16)) if int(implementer or "", 16) == 0x41 else None
    except ValueError:
        return _cpu_field(root, "Hardware", "cpu model")
    return known or f"implementer {implementer}, part {part}"


def _features(root: Path) -> tuple[str, ...]:
    return tuple(sorted(FEATURES & set((_cpu_field(root, "flags", "Features") or "").split())))


def _memory(root: Path) -> int | None:
    found = re.search(r"^MemTotal:\s*(\d+) kB", _text(root / "proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _cores(root: Path) -> list[Path]:
    return sorted((root / "sys/devices/system/cpu").glob("cpu[0-9]*"))


def _governor(root: Path) -> str | None:
    found = {_text(core / "cpufreq/scaling_governor") for core in _cores(root)}
    return ", ".join(sorted(governor for governor in found if governor is not None)) or None


def _frequency(root: Path, name: str) -> float | None:
    """MHz of the fastest core; the files hold kHz."""
    found = [_number(core / "cpufreq" / name) for core in _cores(root)]
    return max((value / 1000 for value in found if value is not None), default=None)


def _load(root: Path) -> float | None:
    first = (_text(root / "proc/loadavg") or "").split()[:1]
    try:
        return float(first[0])
    except (IndexError, ValueError):
        return None


def _temperature(root: Path) -> float | None:
    """Degrees of the hottest zone; the files hold thousandths."""
    found = [_number(zone / "temp") for zone in (root / "sys/class/thermal").glob("thermal_zone*")]
    return max((value / 1000 for value in found if value is not None), default=None)


def _versions() -> dict[str, str]:
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
