"""The folder that downloads are kept in. What has its name there is whole: a partial download never gets it.

`POCKETBERT_CACHE` moves it (default: ~/.cache/pocketbert). It may be deleted, in part or whole, at any time: what is missing
is fetched again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

CACHE = Path(os.environ.get("POCKETBERT_CACHE", Path.home() / ".cache" / "pocketbert")).absolute() / "android"


class MissingTool(Exception):
    """A program of the build machine is not there; the message names it and says what it is for."""


class DownloadFailed(Exception):
    """Something could not be fetched; the message says what, what the fetching program said, and what to do."""

    def __init__(self, what: str, said: str):
        lines = [line for line in said.splitlines() if line.strip()][-8:]
        advice = f"Run the same command again when the network is back: what is whole already stays in {CACHE}."
        super().__init__("\n".join([f"{what} could not be fetched. {advice}", *(f"  {line}" for line in lines)]))


def require(*programs: str) -> None:
    """Raises MissingTool for the first program that is not on the path, and for a Java older than 17."""
    purpose = {
        "java": "JDK 17 compiles and runs the Kotlin modules",
        "mvn": "Maven builds the Kotlin modules",
        "npm": "fetches ExecuTorch's Java classes and Android libraries",
        "cc": "builds the stand-ins for Android's libc",
        "keytool": "part of the JDK, makes the debug key",
    }
    for program in programs:
        if shutil.which(program) is None:
            raise MissingTool(f"{program} is not installed ({purpose.get(program, 'needed by the Android build')})")
    if "java" in programs:
        # it writes to stderr: openjdk version "17.0.15" …
        said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
        version = said.split('"')[1]
        if int(version.split(".")[0]) < 17:
            raise MissingTool(f"Java 17 or newer builds android_demo, and `java` is {version}")


def java_home() -> str:
    """The folder of the JDK that `java` belongs to."""
    said = subprocess.run(["java", "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=True).stderr
    return next(line.partition("=")[2].strip() for line in said.splitlines() if line.strip().startswith("java.home ="))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One download at a time in this cache, over all processes; others wait and then find it done."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another run's downloads into {CACHE}", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file, or the end of the process, frees the lock


def once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder; where it is not there yet, `fill(part)` makes its content, and only then it gets its name."""
    if not folder.exists():
        with alone():
            if not folder.exists():
                part = folder.with_name(folder.name + ".part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(parents=True)
                fill(part)
                part.rename(folder)
    return folder


def fetch(what: str, command: list[str], folder: Path) -> None:
    """Runs a program that downloads; raises DownloadFailed with what it said."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise DownloadFailed(what, done.stdout)
