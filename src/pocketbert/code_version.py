"""Which code a stage depends on: a hash of each module that it imports, of what it computes and not of how it is written."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path

# Modules that one finds by their names or starts in another process, with no import statement; `.*`: all in a package.
BY_NAME = {
    "pocketbert.bench.child_process": "pocketbert.bench.child",
    "pocketbert.bench.devices": "pocketbert.bench.devices.*",
    "pocketbert.bench.printers": "pocketbert.bench.printers.*",
    "pocketbert.distill.augment": "pocketbert.distill.augment.*",
    "pocketbert.distill.terms": "pocketbert.distill.terms.*",
    "pocketbert.edge_export.export": "pocketbert.edge_export.lowering.*",
    "pocketbert.edge_export.families": "pocketbert.edge_export.families.*",
    "pocketbert.tasks.kinds": "pocketbert.tasks.kinds.*",
}
# Files that one compiles or reads, from its own folder.
FILES = {
    "pocketbert.distill.card": "*.jinja",
    "pocketbert.distill.methods": "*.yaml",
    "pocketbert.edge_export.artifact.engines.executorch_native": "../native/*.cpp",
    "pocketbert.report.page": "page.[ch]*",
}
# What decides no outcome: words, bars and tables on the terminal, whether a stage runs at all, and the recipe, whose values are a
# stage's inputs.
NOT_COUNTED = ("pocketbert.console", "pocketbert.recipe", "pocketbert.run_folder", "pocketbert.tables")

PARTS = ("body", "orelse", "handlers", "finalbody", "cases")  # where a statement holds others
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_version(modules: Iterable[str], alone: str = "") -> dict[str, str]:
    """The code of some modules of pocketbert, and of everything of pocketbert that they import.

    Imports are followed wherever they stand, also inside functions, but not those for type checkers alone. Whoever imports
    `pocketbert.x.y` runs `pocketbert.x` first: its own code counts, and what it imports only if it is imported itself.
    Nothing is imported here, except pocketbert.

    Args:
        modules: dotted names of modules and packages; a package stands for what its `__init__` imports, not for all in it.
        alone: a module whose own code counts too, whatever it imports; one that is not pocketbert's is passed over.

    Returns:
        module or file -> sha256. A module's is that of its syntax tree, without docstrings: neither they nor comments nor
        blank lines change it. Another version of Python may build another tree.

    Raises:
        ValueError: pocketbert has no module of that name.
    """
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or name in NOT_COUNTED:
            continue
        path = _source(name)
        found[name], imports = _read(path)
        waiting += [*_modules(imports), *_found_by(name)]
        for file in sorted(path.parent.glob(FILES[name])) if name in FILES else ():
            found[f"{name}/{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()
    packages = {package for name in found for package in _packages(name)}
    for name in packages | {alone} if _path(alone) else packages:
        found.setdefault(name, _read(_source(name))[0])
    return found


@functools.cache
def _read(path: Path) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    """(sha256 of the code, imports as (module, name in it or None)) of a source file."""
    tree = ast.parse(path.read_bytes())
    imports: list[tuple[str, str | None]] = []
    waiting: list[ast.AST] = [tree]
    while waiting:  # statements only: expressions hold neither imports nor docstrings
        node = waiting.pop()
        if isinstance(node, DOCUMENTED):
            node.body = [entry for entry in node.body if not _is_text(entry)]
        elif isinstance(node, ast.Import):
            imports += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports += [(node.module or "", alias.name) for alias in node.names]  # never relative: tests/test_house.py
        for part in PARTS[1:] if _never_runs(node) else PARTS:
            waiting += getattr(node, part, ())
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), tuple(imports)


def _never_runs(node: ast.AST) -> bool:
    """Whether its body is for type checkers alone."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in (getattr(node.test, "id", ""), getattr(node.test, "attr", ""))


def _is_text(node: ast.stmt) -> bool:
    """Whether it is a docstring, of the whole or of what stands above it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _modules(imports: Iterable[tuple[str, str | None]]) -> list[str]:
    """The modules of pocketbert among them; `from pocketbert.x import y` is `pocketbert.x.y` where there is such a module."""
    ours = [(module, f"{module}.{name}" if name else module) for module, name in imports if module.split(".")[0] == "pocketbert"]
    return [inner if _path(inner) else module for module, inner in ours]


def _found_by(name: str) -> list[str]:
    """The modules that a module comes by through their names."""
    named = BY_NAME.get(name)
    if named is None or not named.endswith(".*"):
        return [] if named is None else [named]
    package = named.removesuffix(".*")
    return [f"{package}.{file.stem}" for file in _source(package).parent.glob("*.py") if file.stem != "__init__"]


def _packages(name: str) -> list[str]:
    """`a` and `a.b` of `a.b.c`."""
    parts = name.partition("/")[0].split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _source(name: str) -> Path:
    """`_path` of a module that there must be."""
    path = _path(name)
    if path is None:
        raise ValueError(f"pocketbert has no module {name}")
    return path


@functools.cache
def _path(name: str) -> Path | None:
    """The source of a module or package of pocketbert; None where there is none of that name."""
    top, *inner = name.split(".")
    if top != "pocketbert":
        return None
    # The folders of the package may stand anywhere, so two names are looked up; for more, their packages would be imported.
    spec = importlib.util.find_spec(".".join([top, *inner[:1]]))
    if spec is None or len(inner) < 2:
        return None if spec is None or spec.origin is None else Path(spec.origin)
    if spec.submodule_search_locations is None:
        return None
    path = Path(spec.submodule_search_locations[0]).joinpath(*inner[1:])
    return next((place for place in (path / "__init__.py", path.with_name(f"{path.name}.py")) if place.is_file()), None)
