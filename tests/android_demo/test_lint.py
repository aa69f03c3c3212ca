"""ktlint and Android Lint have nothing to say, and do say it where something is wrong."""

from __future__ import annotations

import shutil

import lint
import pytest

MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application android:allowBackup="false" android:icon="@drawable/icon" android:label="@string/name" />
</manifest>
"""
LAYOUT = """<TextView xmlns:android="http://schemas.android.com/apk/res/android"
    android:layout_width="match_parent" android:layout_height="wrap_content" android:text="said in one language" />
"""
ICON = """<shape xmlns:android="http://schemas.android.com/apk/res/android" />
"""
CALLS = """package dev.pocketbert.app

import android.app.Activity
import android.os.Build
import android.os.Bundle
import android.os.PowerManager

class Calls : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.page)
    }

    fun guarded(power: PowerManager): Int = if (Build.VERSION.SDK_INT >= 29) power.currentThermalStatus else -1

    fun tooEarly(power: PowerManager): Int = power.currentThermalStatus

    fun inherited() = requireViewById<android.view.View>(1)

    fun library(text: String): Boolean = java.io.ByteArrayInputStream(text.toByteArray()).readAllBytes().isEmpty()
}
"""


def test_the_sources_have_ktlints_style(build_tools):
    assert lint.ktlint() == []


def test_ktlint_names_a_fault_and_where_it_is(build_tools, tmp_path):
    shutil.copy(lint.ROOT / ".editorconfig", tmp_path)
    (tmp_path / "Some.kt").write_text("class Some {\n    val  twice = 1\n}\n")
    (tmp_path / "build.gradle.kts").write_text("plugins {\n")
    found = lint.ktlint(tmp_path)
    assert any(line.startswith("Some.kt:2:9: Unnecessary long whitespace") for line in found)
    assert any("build.gradle.kts" in line and "Not a valid Kotlin file" in line for line in found)


def test_android_lint_finds_nothing(kotlin):
    assert lint.android_lint() == []


@pytest.fixture(scope="module")
def faults(kotlin, tmp_path_factory) -> list[str]:
    """What is found in an app with a fault of each kind."""
    folder = tmp_path_factory.mktemp("faults")
    shutil.copy(lint.ROOT / "lint.xml", folder)
    main = folder / "app" / "src" / "main"
    files = {
        "AndroidManifest.xml": MANIFEST,
        "kotlin/Calls.kt": CALLS,
        "res/layout/page.xml": LAYOUT,
        "res/drawable/icon.xml": ICON,
        "res/values/strings.xml": '<resources><string name="name">Name</string></resources>\n',
    }
    for name, content in files.items():
        (main / name).parent.mkdir(parents=True, exist_ok=True)
        (main / name).write_text(content)
    return lint.android_lint(folder)


def test_a_call_newer_than_the_oldest_phone_is_found_unless_it_is_guarded(faults):
    lines = [int(found.split(":")[1]) for found in faults if found.endswith("[NewApi]")]
    newer = ("fun tooEarly", "fun inherited", "fun library")
    wanted = [i for i, line in enumerate(CALLS.splitlines(), 1) if line.lstrip().startswith(newer)]
    assert sorted(set(lines)) == wanted


def test_resources_are_looked_at(faults):
    assert any(found.startswith("app/src/main/res/layout/page.xml") and "[HardcodedText]" in found for found in faults)
