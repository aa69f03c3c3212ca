"""The Kotlin modules, built once a session by Maven with sealed files that Python made; and plain `java` on what was built."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import pocketbert

ROOT = Path(__file__).resolve().parents[2] / "android_demo"
sys.path.insert(0, str(ROOT.parent / "tools" / "android"))  # scripts of the build, no package: they are not installed

import cache  # noqa: E402
import compare_engines  # noqa: E402
import downloads  # noqa: E402
import maven  # noqa: E402
import repository  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first waits while everything is fetched and built, beside what else the machine does."""
    for item in items:
        if "kotlin" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(1800))


@dataclass(frozen=True)
class Kotlin:
    """What Maven built.

    Args:
        fixtures: the folder that the Kotlin tests were given.
        passed: a line a module: how many of its JUnit tests passed, how many were skipped.
    """

    fixtures: Path
    passed: str

    def java(self, module: str, main: str, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Runs a main class of the module's test or main sources; what it printed is text in `.stdout`."""
        target = ROOT / module / "target"
        path = f"{target / 'test-classes'}:{target / 'classes'}:{(target / 'classpath.txt').read_text()}"
        options = {"check": True, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8", **options}
        return subprocess.run(["java", "-cp", path, main, *arguments], **options)


@pytest.fixture(scope="session")
def build_tools() -> None:
    """Skips where the machine cannot build Kotlin."""
    try:
        downloads.require_tools()
    except cache.MissingTool as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def kotlin(build_tools, small_artifacts, small_pair_folder, tmp_path_factory) -> Kotlin:
    """All modules compiled and their JUnit tests passed.

    The fixtures are small.pte, small.tflite and small.onnx, for each what Python's runtime gives at every length, and the files
    of app_models.py.
    """
    from app_models import write_app_models  # lowers a model, which takes torch

    folder = tmp_path_factory.mktemp("kotlin-fixtures")
    for container, path in small_artifacts.items():
        shutil.copy(path, folder / f"small.{container}")
        answers = json.dumps(_answers(path))
        (folder / f"small.{container}.lengths.json").write_text(answers, encoding="utf-8")
    write_app_models(folder, small_pair_folder, tmp_path_factory.mktemp("pair"))
    try:
        passed = maven.run(["verify", f"-Dpocketbert.fixtures={folder}"])
    except (cache.DownloadFailed, repository.BuildFailed) as failed:
        pytest.fail(f"the Kotlin build failed:\n{failed}", pytrace=False)
    return Kotlin(folder, passed)


def _answers(path: Path) -> list[dict]:
    with pocketbert.load(path) as model:
        texts = compare_engines.texts_of_every_length(model.artifact).values()
        return [{"text": text[0], "outputs": model.logits(text).tolist()} for text in texts]
