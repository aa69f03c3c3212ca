"""What is read from /proc and /sys, on trees written here after real machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pocketbert.bench import environment
from pocketbert.bench.memory import resident

# Raspberry Pi OS on a Pi 5: 64-bit kernels name no CPU model
PI5_CPUINFO = """processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x4
CPU part	: 0xd0b
CPU revision	: 1

Revision	: d04170
Model		: Raspberry Pi 5 Model B Rev 1.0
"""


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def pi5(tmp_path) -> Path:
    cores = {}
    for core in range(4):
        folder = f"sys/devices/system/cpu/cpu{core}/cpufreq"
        cores |= {f"{folder}/scaling_governor": "ondemand\n", f"{folder}/cpuinfo_max_freq": "2400000\n"}
        cores[f"{folder}/scaling_cur_freq"] = f"{1500000 + core * 100000}\n"
    return _write(
        tmp_path,
        {
            "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
            "proc/cpuinfo": PI5_CPUINFO,
            "proc/meminfo": "MemTotal:        8256208 kB\nMemFree:         5123456 kB\n",
            "proc/loadavg": "0.42 0.30 0.20 1/312 4711\n",
            "proc/stat": "cpu  100 0 50 9000 10 0 5 0 0 0\ncpu0 25 0 12 2250 2 0 1 0 0 0\n",
            "sys/class/thermal/thermal_zone0/temp": "51250\n",
            "sys/class/thermal/thermal_zone1/temp": "48000\n",
            # a folder of the same beginning that is no core
            "sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "performance\n",
            **cores,
        },
    )


def test_a_raspberry_pi_5_is_recognised(pi5):
    found = environment.before(root=pi5)
    assert found.model == "Raspberry Pi 5 Model B Rev 1.0"
    assert found.cpu == "Cortex-A76"
    assert found.features == ("asimd", "asimddp", "fphp")
    assert found.memory == 8256208 * 1024
    assert found.governor == "ondemand"
    assert (found.frequency_before, found.frequency_limit) == (1800, 2400)
    assert found.load_before == 0.42
    assert found.temperature_before == 51.25
    assert found.frequency_after is None


def test_what_moved_is_read_again(pi5):
    begun, watch = environment.before(root=pi5), environment.Others(pi5)
    for core in range(4):
        _write(pi5, {f"sys/devices/system/cpu/cpu{core}/cpufreq/scaling_cur_freq": "1000000\n"})
    _write(pi5, {"proc/loadavg": "1.5 0 0 1/1 1\n", "sys/class/thermal/thermal_zone1/temp": "84000\n"})
    ended = environment.after(begun, watch, pi5)
    assert (ended.frequency_before, ended.frequency_after) == (1800, 1000)
    assert (ended.load_after, ended.temperature_after) == (1.5, 84.0)
    assert ended.model == begun.model
    assert environment.from_plain(environment.to_plain(ended)) == ended


@pytest.mark.parametrize(("own", "cores"), [(0.0, 2.0), (0.25, 1.5), (3.0, 0.0)])  # never below 0: the counters differ a little
def test_the_work_of_other_processes_is_counted_in_cores_and_the_own_is_not(pi5, monkeypatch, own, cores):
    clock, used = iter((7.0, 7.5)), iter((1.0, 1.0 + own))
    monkeypatch.setattr(environment, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(environment, "_own_seconds", lambda: next(used))
    watch = environment.Others(pi5)
    _write(pi5, {"proc/stat": "cpu  160 10 70 9000 10 5 5 5 0 0\n"})  # 100 ticks more, a hundredth of a second each: 1 s
    assert watch.cores() == pytest.approx(cores)


def test_a_machine_that_tells_nothing_is_described_with_gaps(tmp_path):
    found = environment.before(root=tmp_path)
    gaps = (found.model, found.cpu, found.memory, found.governor, found.frequency_before, found.load_before)
    assert set(gaps) == {None} and found.temperature_before is None and found.features == ()
    assert found.python and found.versions["pocketbert"]
    ended = environment.after(found, environment.Others(tmp_path), tmp_path)
    assert ended.busy_elsewhere is None and ended.load_after is None


@pytest.mark.parametrize("broken", ["", "\0", "x y z", "cpu a b c d e f g h\n", "cpu 1 2\n", "cpu 0 0 0 0 0 0 0 0 0 0\n"])
def test_broken_files_are_gaps_and_not_errors(tmp_path, broken):
    names = ("proc/cpuinfo", "proc/meminfo", "proc/loadavg", "proc/stat", "sys/class/thermal/thermal_zone0/temp")
    root = _write(tmp_path, dict.fromkeys(names, broken))
    _write(root, {"sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": broken})
    found = environment.before(root=root)
    assert (found.load_before, found.frequency_before, found.temperature_before) == (None, None, None)
    assert environment.Others(root).cores() is None


def test_an_unknown_arm_core_keeps_its_numbers(tmp_path):
    root = _write(tmp_path, {"proc/cpuinfo": "CPU implementer\t: 0x51\nCPU part\t: 0x001\n"})
    assert environment.before(root=root).cpu == "implementer 0x51, part 0x001"


def test_a_pc_gives_its_model_name(tmp_path):
    root = _write(tmp_path, {"proc/cpuinfo": "model name\t: Some CPU @ 3.00GHz\nflags\t\t: fpu avx2 avx512_vnni\n"})
    found = environment.before(root=root)
    assert (found.cpu, found.features) == ("Some CPU @ 3.00GHz", ("avx2", "avx512_vnni"))


def test_resident_memory_is_read_in_bytes(tmp_path):
    root = _write(tmp_path, {"status": "Name:\tx\nVmHWM:\t   60364 kB\nVmRSS:\t   59904 kB\nRssAnon:\t 12 kB\nVmSwap:\t 7 kB\n"})
    assert resident(root / "status") == {"VmHWM": 60364 * 1024, "VmRSS": 59904 * 1024, "RssAnon": 12288}
    assert resident(root / "none") == {}
