"""The JUnit tests of the Kotlin modules."""

from __future__ import annotations

import platform
import sys

import maven
import pytest


def test_every_kotlin_test_ran(kotlin):
    """The fixtures are there, so none has a reason to be skipped; a test that skips itself by mistake would never be missed."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the native libraries of the tests are for Linux on x86-64")
    assert [line.split(":")[0] for line in kotlin.passed.splitlines()] == list(maven.MODULES)
    assert "skipped" not in kotlin.passed
