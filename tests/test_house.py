"""The house stands as drawn: who imports whom, what an import loads, and that everything is packed."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).resolve().parents[1]
ARROWS = {
    "tasks": set(),
    "distill": {"tasks"},
    "edge_export.artifact": {"tasks"},
    "edge_export": {"tasks", "edge_export.artifact"},
    "bench": {"tasks", "edge_export.artifact"},
    "pocketbert": {"tasks", "distill", "edge_export", "edge_export.artifact", "bench"},
}
FOLDERS = ("tasks", "distill", "edge_export", "bench", "pocketbert")


def room_of(module: str) -> str:
    inner = module.removeprefix("pocketbert.")
    rooms = [room for room in ARROWS if room != "pocketbert" and (inner == room or inner.startswith(room + "."))]
    return max(rooms, key=len, default="pocketbert")


def imported(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_arrows_are_those_of_the_design():
    wrong = []
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            here = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for name in imported(path):
                if name.startswith("pocketbert") and room_of(name) not in ARROWS[here] | {here}:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("module", ["tasks", "bench", "edge_export.artifact", "edge_export.verify", "cli"])
def test_light_rooms_load_nothing_heavy(module):
    heavy = ("torch", "transformers", "executorch", "litert_torch", "onnx", "pandas", "datasets", "matplotlib")
    code = f"import sys, pocketbert.{module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_package_and_data_file_is_packed(tmp_path):
    # builds the real wheel: what is missing in it is missing for everyone who does not install from a checkout
    copy = tmp_path / "copy"  # setuptools builds in place, and what an older build left there would be packed too
    copy.mkdir()
    for name in (*FOLDERS, "pyproject.toml", "README.md"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copy / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = set()
    for folder in FOLDERS:
        prefix = "" if folder == "pocketbert" else "pocketbert/"
        for pattern in ("*.py", "*.yaml", "*.tsv", "*.cpp", "py.typed"):
            wanted |= {prefix + path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(pattern)}
    assert {path for path in wanted if "__pycache__" not in path} <= packed


def test_constraints_pin_what_pyproject_names_and_hold_no_address():
    text = (ROOT / "constraints.txt").read_text()
    pins = dict(line.split("==") for line in text.splitlines())
    assert not re.search(r"https?:|file:| @ |\+cpu", text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *(entry for extra in project["optional-dependencies"].values() for entry in extra)]
    names = {re.match(r"[A-Za-z0-9_.-]+", entry)[0].lower() for entry in named} - {"pocketbert"}
    assert names <= {name.lower().replace("_", "-") for name in pins}
