"""Maven with its repository in the cache: without the network wherever everything needed is there."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from cache import CACHE, DownloadFailed, alone

REPOSITORY = CACHE / "m2"
POMS = Path(__file__).parent / "poms"
MISSING = ("Could not transfer", "could not be resolved", "Could not resolve", "Couldn't download")  # in Maven's words
DEPENDENCY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"  # by its full name: a prefix is looked up in the network


class BuildFailed(Exception):
    """Maven ended with an error; the message is what it said."""


def mvn(arguments: list[str], folder: Path) -> str:
    """Runs Maven, first without the network; only if something is missing, again with it.

    Returns:
        what it printed.

    Raises:
        DownloadFailed: the network did not give what was missing.
        BuildFailed: the build itself failed.
    """
    offline = _run([*arguments, "--offline"], folder)
    if offline.returncode == 0:
        return offline.stdout
    if "offline mode" not in offline.stdout:
        raise BuildFailed(offline.stdout)
    with alone():
        # -U: what was not to be had the last time is asked for again; -C: a file that differs from its checksum is refused
        online = _run([*arguments, "-U", "-C", "-Dmaven.wagon.http.retryHandler.count=3"], folder)
    if online.returncode == 0:
        return online.stdout
    if any(sign in online.stdout for sign in MISSING):
        raise DownloadFailed("What the Maven build needs", online.stdout)
    raise BuildFailed(online.stdout)


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    command = ["mvn", "-B", "-q", "-Dstyle.color=never", f"-Dmaven.repo.local={REPOSITORY}", *arguments]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")


def in_repository(group: str, name: str, version: str, kind: str = "jar") -> Path:
    """Where Maven keeps a file, there or not."""
    return REPOSITORY / group.replace(".", "/") / name / version / f"{name}-{version}.{kind}"


def get(group: str, name: str, version: str, kind: str = "jar") -> Path:
    """One file of Maven Central, without what it depends on."""
    path = in_repository(group, name, version, kind)
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        try:
            mvn([f"{DEPENDENCY}:get", f"-Dartifact={group}:{name}:{version}:{kind}", "-Dtransitive=false"], CACHE)
        except BuildFailed as failed:
            raise DownloadFailed(f"{group}:{name}:{version}:{kind}", str(failed)) from failed
    return path


def class_path(tool: str) -> list[Path]:
    """The jars of tools/android/poms/TOOL.xml and all that they depend on."""
    pom = POMS / f"{tool}.xml"
    listed = CACHE / "class-paths" / f"{tool}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:16]}.txt"
    if listed.exists():
        jars = [Path(line) for line in listed.read_text(encoding="utf-8").splitlines()]
        if jars and all(jar.exists() for jar in jars):
            return jars
    listed.parent.mkdir(parents=True, exist_ok=True)
    part = listed.with_suffix(".part")
    mvn([f"{DEPENDENCY}:build-classpath", "-f", str(pom), f"-Dmdep.outputFile={part}", "-Dmdep.pathSeparator=\n"], CACHE)
    part.rename(listed)
    return [Path(line) for line in listed.read_text(encoding="utf-8").splitlines()]
