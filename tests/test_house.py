"""The house stands as drawn: who imports whom, what an import loads, and that everything is packed."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tarfile
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
LINKED = ("tasks", "distill", "edge_export", "bench")
FOLDERS = {name: ROOT / name for name in LINKED} | {"pocketbert": ROOT / "src" / "pocketbert"}


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
    for room, folder in FOLDERS.items():
        for path in folder.rglob("*.py"):
            here = room_of(".".join([room, *path.relative_to(folder).with_suffix("").parts]))
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


@pytest.fixture
def checkout(tmp_path) -> Path:
    """What setuptools reads, with its links, and without what an older build left in place, which would be packed too."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (*LINKED, "src"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def built(what: str, checkout: Path) -> subprocess.CompletedProcess:
    """One hook of the build backend, as pip and build call it; its product goes to checkout/dist."""
    code = "import sys; from setuptools import build_meta; getattr(build_meta, sys.argv[1])('dist')"
    return subprocess.run([sys.executable, "-c", code, what], cwd=checkout, capture_output=True, text=True)


def test_wheel_and_sdist_have_every_package_and_data_file(checkout):
    # builds the real files: what is missing in them is missing for everyone who does not install from a checkout
    wanted = set()
    for name, folder in FOLDERS.items():
        prefix = "pocketbert" if name == "pocketbert" else f"pocketbert/{name}"
        for pattern in ("*.py", "*.yaml", "*.tsv", "*.cpp", "*.jinja", "py.typed"):
            wanted |= {f"{prefix}/{path.relative_to(folder).as_posix()}" for path in folder.rglob(pattern)}
    wanted = {path for path in wanted if "__pycache__" not in path}
    for what in ("build_sdist", "build_wheel"):
        done = built(what, checkout)
        assert done.returncode == 0, done.stderr
    (sdist,) = checkout.glob("dist/*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert not [member.name for member in archive if member.issym() or member.islnk()]
        archive.extractall(checkout / "unpacked", filter="data")
    (unpacked,) = (checkout / "unpacked").iterdir()
    done = built("build_wheel", unpacked)
    assert done.returncode == 0, done.stderr
    for wheel in (*checkout.glob("dist/*.whl"), *unpacked.glob("dist/*.whl")):
        assert wanted <= set(zipfile.ZipFile(wheel).namelist())


def test_a_checkout_without_links_is_not_built(checkout):
    link = checkout / "src" / "pocketbert" / "bench"
    link.unlink()
    link.write_text("../../bench")  # as git writes it where it makes no links
    done = built("build_wheel", checkout)
    assert done.returncode != 0 and "src/pocketbert/bench is no link to the folder bench/" in done.stderr


def test_constraints_pin_what_pyproject_names_and_hold_no_address():
    text = (ROOT / "constraints.txt").read_text()
    pins = dict(line.split("==") for line in text.splitlines())
    assert not re.search(r"https?:|file:| @ |\+cpu", text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *(entry for extra in project["optional-dependencies"].values() for entry in extra)]
    names = {re.match(r"[A-Za-z0-9_.-]+", entry)[0].lower() for entry in named} - {"pocketbert"}
    assert names <= {name.lower().replace("_", "-") for name in pins}
