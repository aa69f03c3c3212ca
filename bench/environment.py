"""The machine as it stands: what a figure depends on besides the code. Every source may be missing."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def environment(root: Path = Path("/")) -> dict[str, Any]:
    """CPU, clock, load, memory, heat; a key whose source is missing is None.

    Args:
        root: where /proc and /sys are, so that a Raspberry Pi's tree can be read elsewhere.
    """
    cpuinfo = _pairs(root / "proc/cpuinfo")
    memory = _pairs(root / "proc/meminfo").get("MemTotal", "").split()
    return {
        "cpu": cpuinfo.get("model name") or cpuinfo.get("Model") or _board(root) or platform.processor() or platform.machine(),
        "board": _board(root),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "features": _features(cpuinfo),
        "memory_bytes": int(memory[0]) * 1024 if memory else None,
        "os": _os_name(root),
        "kernel": platform.release(),
        "python": platform.python_version(),
        **state(root),
    }


def state(root: Path = Path("/")) -> dict[str, Any]:
    """What changes while one measures: governor, clock, load, heat."""
    cpu = root / "sys/devices/system/cpu/cpu0/cpufreq"
    load = _text(root / "proc/loadavg").split()
    heat = _number(root / "sys/class/thermal/thermal_zone0/temp")
    return {
        "governor": _text(cpu / "scaling_governor") or None,
        "mhz": _scaled(_number(cpu / "scaling_cur_freq"), 1000) or _float(_pairs(root / "proc/cpuinfo").get("cpu MHz")),
        "max_mhz": _scaled(_number(cpu / "cpuinfo_max_freq"), 1000),
        "load_1min": float(load[0]) if load else None,
        "celsius": _scaled(heat, 1000),
    }


def _board(root: Path) -> str | None:
    for place in ("proc/device-tree/model", "sys/firmware/devicetree/base/model"):
        text = _text(root / place).rstrip("\0")
        if text:
            return text
    return None


def _features(cpuinfo: dict[str, str]) -> list[str]:
    """Of all the flags, those that decide which int8 kernels run."""
    flags = set((cpuinfo.get("flags") or cpuinfo.get("Features") or "").split())
    return sorted(flags & {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm", "sve", "sme"})


def _os_name(root: Path) -> str:
    for line in _text(root / "etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def _pairs(path: Path) -> dict[str, str]:
    """`key : value` lines; the first of a repeated key (one block a core) counts."""
    found: dict[str, str] = {}
    for line in _text(path).splitlines():
        key, colon, value = line.partition(":")
        if colon:
            found.setdefault(key.strip(), value.strip())
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.lstrip("-").isdecimal() else None


def _float(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _scaled(value: int | None, by: int) -> float | None:
    return None if value is None else value / by
