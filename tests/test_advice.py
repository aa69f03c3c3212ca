"""Messages advise what exists: every option that the code names is an option of the command, every dotted key a recipe's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from pocketbert.cli import app
from pocketbert.distill.augment import Filter, operation_module, operation_names
from pocketbert.recipe import Recipe
from pocketbert.refusals import known_keys

ROOT = Path(__file__).resolve().parents[1]
SHARED = ("tasks", "distill", "edge_export", "bench")  # run by recipes and by commands
FILES = [path for folder in (*SHARED, "src/pocketbert") for path in (ROOT / folder).rglob("*.py") if not path.is_symlink()]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
SECTIONS = "data|teacher|student|baseline|augment|intermediate|prediction|worth|export|verify|bench"
KEY = re.compile(rf"(?<![\w./])(?:{SECTIONS})(?:\.[a-z_]+)+")
NOT_OURS = {
    "edge_export/artifact/engines/executorch_native.py": {"--no-deps", "--version", "--no-as-needed"},  # pip's, the compiler's
    "src/pocketbert/demo/intents/generate.py": {"--check", "--directory"},  # of the generator itself
    "src/pocketbert/report/readme.py": {"--write", "--root"},  # of python -m pocketbert.report.readme
}
# What only commands can bring about: a recipe's folders are in its run folder, and it records what it verifies with.
COMMANDS_ALONE = {"distill/disk.py": {"--out"}, "edge_export/verify.py": {"--data"}, "distill/options.py": {"--help"}}
COMMANDS_ALONE |= {"bench/reading.py": {"--format"}}
MODULES = {"distill/capture.py": {"intermediate.dense"}}  # of transformers' models


@cache
def options() -> dict[str, set[str]]:
    """command -> its options."""
    found = {}
    for name, command in get_command(app).commands.items():
        declared = [*command.params, *get_command(app).params]
        found[name] = {option for one in declared for option in (*one.opts, *one.secondary_opts)} | {"--help"}
    return found


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string that is no docstring; an f-string's parts one by one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documents:
            yield node.lineno, node.value


def named_settings() -> list[tuple[str, str, str]]:
    """(where, key, option) of every call of tasks.errors.setting."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting":
                key, option = (ast.literal_eval(argument) for argument in node.args[:2])
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", key, option))
    return found


def is_key(path: str) -> bool:
    """Whether a recipe has it."""
    parts = path.split(".")
    if parts[0] == "augment" and parts[1:]:
        name, *options = parts[1:]
        known = {entry.name for section in (Filter, operation_module(name).Options) for entry in fields(section)}
        return name in operation_names() and set(options) <= known
    return all(part in known_keys(Recipe, parts[:depth]) for depth, part in enumerate(parts))


def test_options_that_are_named_exist():
    everywhere, found = set().union(*options().values()), []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        known = (options().get(path.stem) if path.parent.name == "commands" else None) or everywhere
        for line, text in strings(path):
            for option in set(OPTION.findall(text)) - NOT_OURS.get(name, set()):
                if option not in known:
                    found.append(f"{name}:{line}: there is no {option}")
                # a string of its own is an argument of `setting`
                elif name.split("/")[0] in SHARED and text != option and option not in COMMANDS_ALONE.get(name, set()):
                    found.append(f"{name}:{line}: use tasks.errors.setting, a recipe has no {option}")
    assert found == []


def test_keys_that_are_named_exist():
    found = []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        for line, text in strings(path):
            keys = set(KEY.findall(text)) - MODULES.get(name, set())
            found += [f"{name}:{line}: there is no {key}" for key in keys if not is_key(key)]
    assert found == []


@pytest.mark.parametrize(("where", "key", "option"), named_settings())
def test_a_setting_has_its_key_and_its_option(where, key, option):
    assert is_key(key), where
    assert any(option in known for known in options().values()), where
