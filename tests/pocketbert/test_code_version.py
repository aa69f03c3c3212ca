"""What of the code is a change of a stage, tried on a copy of the package in which one file is changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pocketbert.stages import bench, export, report, teach, verify

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("tasks", "distill", "edge_export", "bench")
STAGES = {
    "teacher": teach.MODULES,
    "intermediate": ("pocketbert.distill.intermediate",),
    "files": export.MODULES,
    "verify": verify.MODULES,
    "bench": bench.MODULES,
    "report": report.MODULES,
}

ASK = """
import json, sys
import pocketbert
from pocketbert.code_version import code_version
assert pocketbert.__file__.startswith(sys.argv[1]), pocketbert.__file__
print(json.dumps({name: code_version(modules) for name, modules in json.loads(sys.argv[2]).items()}))
print([name for name in sys.modules if name.startswith("pocketbert.") and name != "pocketbert.code_version"], file=sys.stderr)
"""


@pytest.fixture
def site(tmp_path) -> Path:
    """A copy of the package as it is installed, to be changed."""
    package = tmp_path / "site" / "pocketbert"
    left = shutil.ignore_patterns("__pycache__", "demo")
    shutil.copytree(ROOT / "src" / "pocketbert", package, ignore=left)  # follows the links
    return package


def versions(site: Path, stages: dict[str, tuple[str, ...]] = STAGES) -> dict[str, dict[str, str]]:
    """name -> module -> hash, asked of the copy in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(site), json.dumps(stages)],
        cwd=site.parent,
        env=os.environ | {"PYTHONPATH": str(site.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "[]", "to hash a module, none is imported"
    return json.loads(done.stdout)


def changed(site: Path, edit) -> set[str]:
    """The stages that another code has once `edit` was called."""
    before = versions(site)
    edit()
    after = versions(site)
    return {name for name in STAGES if before[name] != after[name]}


def append(path: Path, text: str):
    return lambda: path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_comments_docstrings_and_blank_lines_change_nothing(site):
    def edit() -> None:
        for file in site.rglob("*.py"):
            lines = file.read_text(encoding="utf-8").splitlines()
            # what begins a line with three quotes and a capital is a docstring: of a module, a class, a function or a constant
            lines = [re.sub(r'^( *""")(?=[A-Z])', r"\1Said otherwise.\n\n\n", line) for line in lines]
            comments = ["", "", "# nothing but a comment"] if lines else []
            file.write_text("\n".join([*comments, *lines, *comments]) + "\n", encoding="utf-8")

    assert changed(site, edit) == set()
    assert (site / "tasks" / "rows.py").read_text(encoding="utf-8").count("Said otherwise.") > 2


@pytest.mark.parametrize(
    ("file", "stages"),
    [
        ("tasks/rows.py", set(STAGES)),
        ("tasks/kinds/new.py", set(STAGES)),  # found by its name
        ("distill/teach.py", {"teacher"}),  # imported inside a function
        ("distill/terms/new.py", {"intermediate"}),  # found by its name
        ("edge_export/verify.py", {"verify"}),
        ("edge_export/families/distilbert.py", {"files"}),  # found by its name
        ("edge_export/lowering/tflite.py", {"files"}),  # found by its name
        ("edge_export/artifact/native/runner.cpp", {"files", "verify", "bench", "report"}),
        ("bench/child.py", {"bench"}),  # runs in a process of its own
        ("bench/printers/md.py", {"bench"}),  # found by its name
        ("report/page.py", {"report"}),
        ("report/page.html.jinja", {"report"}),
        ("stages/verify.py", {"verify"}),
        ("stages/scores.py", {"teacher"}),  # of the stages here: a student's and a baseline's are scored by it too
        ("console.py", set()),
        ("build.py", set()),
        ("cli.py", set()),
    ],
)
def test_a_change_of_code_is_a_change_of_the_stages_that_use_it(site, file, stages):
    (site / file).touch()  # one that is found by its name may be new
    assert changed(site, append(site / file, "\nint CHANGED = 1;\n" if file.endswith(".cpp") else "\nCHANGED = 1\n")) == stages


def test_a_changed_constant_of_a_loss_redoes_the_distillation_alone(site):
    loss = site / "distill" / "terms" / "attention.py"
    append(loss, "\nSCALE = 2.0\n")()
    assert changed(site, lambda: loss.write_text(loss.read_text().replace("SCALE = 2.0", "SCALE = 3.0"))) == {"intermediate"}


def test_which_imports_count(site):
    made = site / "made"
    files = {
        "__init__.py": "from pocketbert.made import beside\n\n\ndef lazily():\n    import pocketbert.made.never\n",
        "beside.py": "",
        "never.py": "",
        "inner/__init__.py": "from pocketbert.made.inner.used import VALUE\nfrom pocketbert.made.inner import third\n",
        "inner/used.py": "VALUE = 1\n",
        "inner/third.py": "import os.path, json as j\n",
        "root.py": (
            "import typing\nfrom typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from pocketbert.made.never import X\nelse:\n    import pocketbert.made.other\n"
            "if typing.TYPE_CHECKING:\n    import pocketbert.made.never\n"
            "class A:\n    def f(self):\n        if self:\n            from pocketbert.made import deep as d\n"
            "    async def g(self):\n        from pocketbert.made.inner import VALUE\n"
        ),
        "other.py": "",
        "deep.py": "import pocketbert.made.root\n",  # round in a ring
    }
    for name, text in files.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = versions(
        site, {"module": ("pocketbert.made.root",), "package": ("pocketbert.made.inner",), "deep": ("pocketbert.made.deep",)}
    )
    inner = {"made.inner", "made.inner.used", "made.inner.third"}
    parents = {"pocketbert", "pocketbert.made"}
    prefixed = {
        name: {f"pocketbert.{part}" for part in parts}
        for name, parts in {"module": {"made.root", "made.other", "made.deep", *inner}, "package": inner}.items()
    }
    assert set(found["module"]) == set(found["deep"]) == prefixed["module"] | parents
    assert set(found["package"]) == prefixed["package"] | parents


def test_everything_is_somebodys_code(site):
    """A module that no import reaches is found by its name (it belongs in BY_NAME, a file in FILES), or nobody needs it."""
    commands = tuple(
        f"pocketbert.{path.relative_to(site).with_suffix('').as_posix().replace('/', '.')}"
        for path in site.rglob("*.py")
        if path.relative_to(site).parts[0] not in ROOMS and path.name not in ("__init__.py", "__main__.py")
    )
    # a recipe is not counted where a stage imports it
    found = versions(site, {"all": (*commands, "pocketbert.distill.methods")})["all"]
    files = {path.name for room in ROOMS for path in (site / room).rglob("*") if path.is_file() and path.suffix != ".py"}
    assert files - {name.partition("/")[2] for name in found} == set()
    modules = {path.relative_to(site).with_suffix("") for room in ROOMS for path in (site / room).rglob("*.py")}
    names = {".".join(("pocketbert", *path.parts)).removesuffix(".__init__") for path in modules}
    assert names - set(found) == set()


def test_a_name_that_is_no_module_is_an_error():
    from pocketbert.code_version import code_version

    for name in ("pocketbert.tasks.Task", "pocketbert.nothing", "pocketbert.console.say", "numpy", ""):
        with pytest.raises(ValueError, match="no module"):
            code_version([name])
    assert set(code_version([], alone="pocketbert.stages.verify")) == {"pocketbert.stages.verify"}
    assert code_version([], alone=__name__) == {}
