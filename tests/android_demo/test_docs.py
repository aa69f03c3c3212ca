"""docs/android.md: its Kotlin compiles against what was built, its Gradle lines are the project's own, its commands are real."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import repository
import tomllib

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "android.md"
ANDROID = ROOT / "android_demo"
# What Android Studio imports by itself while one types; the page's own imports are those that it cannot guess.
PLATFORM = ("android.app.Activity", "android.content.Context", "android.net.Uri", "android.os.Bundle", "android.util.Log")
PLATFORM += ("android.widget.TextView", "java.io.File")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def source(number: int, snippet: str) -> str:
    """A file of its own: imports first; statements go into a function, which has an app's `context`."""
    lines = snippet.splitlines()
    imports = [line for line in lines if line.startswith("import ")]
    body = "\n".join(line for line in lines if not line.startswith("import "))
    if not re.search(r"^(class|fun|object) ", body, re.MULTILINE):
        body = f"fun snippet(context: Context) {{\n{body}\n}}"
    head = [f"package page{number}", *imports, *(f"import {name}" for name in PLATFORM if f"import {name}" not in imports)]
    return "\n".join(head) + f"\n{body}\n"


def compile_kotlin(files: list[Path], out: Path) -> subprocess.CompletedProcess:
    compiler = ":".join(map(str, repository.class_path("kotlinc")))
    engines = ANDROID / "engines" / "target"
    against = f"{engines / 'classes'}:{ANDROID / 'text' / 'target' / 'classes'}:{(engines / 'classpath.txt').read_text()}"
    command = ["java", "-cp", compiler, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect"]
    command += ["-jvm-target", "17", "-cp", against, "-d", str(out), *map(str, files)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")


def test_every_kotlin_snippet_compiles(kotlin, tmp_path):
    files = []
    for number, snippet in enumerate(blocks("kotlin")):
        files.append(tmp_path / f"Page{number}.kt")
        files[-1].write_text(source(number, snippet), encoding="utf-8")
    assert len(files) >= 5
    done = compile_kotlin(files, tmp_path / "out")
    assert done.returncode == 0, done.stdout


def test_a_snippet_that_calls_what_is_not_there_does_not_compile(kotlin, tmp_path):
    path = tmp_path / "Page.kt"
    path.write_text(source(0, "import dev.pocketbert.PocketBert\n\nPocketBert.open(context, 7).guess()\n"), encoding="utf-8")
    done = compile_kotlin([path], tmp_path / "out")
    assert done.returncode != 0 and "error:" in done.stdout


def test_gradle_lines_are_those_of_the_project_itself():
    catalog = tomllib.loads((ANDROID / "gradle" / "libs.versions.toml").read_text(encoding="utf-8"))
    versioned = [entry for entry in catalog["libraries"].values() if "version" in entry]
    known = {f"{entry['module']}:{catalog['versions'][entry['version']['ref']]}" for entry in versioned}
    named = re.findall(r'implementation\("([\w.:-]+)"\)', PAGE.read_text(encoding="utf-8"))
    assert {"dev.pocketbert:engines"} < set(named)
    assert set(named) - {"dev.pocketbert:engines"} <= known
    assert 'group = "dev.pocketbert"' in (ANDROID / "build.gradle.kts").read_text(encoding="utf-8")
    app = (ANDROID / "app" / "build.gradle.kts").read_text(encoding="utf-8")
    own = {line.split("//")[0].strip() for line in app.splitlines()}
    block = next(block for block in blocks("kts") if "noCompress" in block)
    for line in block.splitlines():
        assert "implementation(" in line or line.strip() in own, f"app/build.gradle.kts has no line {line.strip()!r}"


def test_the_table_of_runtimes_says_what_the_error_messages_say():
    from_code = (ANDROID / "engines/src/main/kotlin/dev/pocketbert/engines/RuntimeLibrary.kt").read_text(encoding="utf-8")
    coordinates = re.findall(r'\("[\w ]+", "([\w.:-]+:[\d.]+)"', from_code)
    assert len(coordinates) == 3
    for line in coordinates:
        assert f'implementation("{line}")` |' in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", blocks("sh"))
def test_commands_parse_and_name_what_exists(block):
    subprocess.run(["sh", "-n"], input=block, text=True, check=True)
    targets = re.findall(r"^make (\w+)", block, re.MULTILINE)
    for target in targets:
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), target
    for extra in re.findall(r"--e[si] (\w+)", block):
        activity = (ANDROID / "app/src/main/kotlin/dev/pocketbert/app").rglob("*.kt")
        assert any(f'"{extra}"' in path.read_text(encoding="utf-8") for path in activity), extra
