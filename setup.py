"""Looks, before anything is built, whether the links in src/pocketbert/ are there; everything else stands in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import setup

LINKED = ("tasks", "distill", "edge_export", "bench")

missing = [name for name in LINKED if not (Path(__file__).parent / "src" / "pocketbert" / name / "__init__.py").is_file()]
if missing:
    sys.exit(
        f"src/pocketbert/{missing[0]} is no link to the folder {missing[0]}/: this checkout was made without symbolic links, "
        "as git makes it on Windows. Clone it on Linux or macOS, or with `git clone -c core.symlinks=true`."
    )
setup()
