"""The Gradle project cannot be run here: it is held against the Maven build that can, and against itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import apk
import downloads
import pytest
import tomllib

ROOT = Path(apk.ROOT)
MODULES = ("text", "engines", "app")
CATALOG = tomllib.loads((ROOT / "gradle" / "libs.versions.toml").read_text(encoding="utf-8"))
SCRIPTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in ("settings.gradle.kts", "build.gradle.kts", *(f"{module}/build.gradle.kts" for module in MODULES))
}
POM = ROOT / "pom.xml"
SPACE = {"m": "http://maven.apache.org/POM/4.0.0"}
# The catalog's version -> where the Maven build says the same. agp, executorch and litert have no like there: Gradle's plugin
# and libraries that Maven Central does not give to every machine (tools/android/downloads.py says what stands in for them).
SAME = {
    "kotlin": "kotlin.version",
    "jackson": "jackson.version",
    "onnxruntime": "onnxruntime.version",
    "junit": "junit.version",
    "robolectric": "robolectric.version",
    "tflite-desktop": "bytedeco.tflite.version",
    "javacpp": "javacpp.version",
}


def properties(pom: Path) -> dict[str, str]:
    found = ElementTree.parse(pom).getroot().find("m:properties", SPACE)
    return {entry.tag.rpartition("}")[2]: (entry.text or "").strip() for entry in found}


def used(kind: str) -> set[str]:
    """Aliases that the scripts name: `libs.a.b` for libraries, `libs.plugins.a.b` for plugins."""
    text = "\n".join(SCRIPTS.values())
    names = {name.replace(".", "-") for name in re.findall(r"\blibs\.((?:[a-z][a-z0-9]*\.?)+[a-z0-9])", text)}
    plugins = {name.removeprefix("plugins-") for name in names if name.startswith("plugins-")}
    return plugins if kind == "plugins" else {name for name in names if not name.startswith("plugins-")}


@pytest.mark.parametrize("kind", ["libraries", "plugins"])
def test_every_alias_resolves_and_every_entry_is_used(kind):
    assert used(kind) == set(CATALOG[kind])


def test_every_version_is_named_and_every_named_one_is_used():
    entries = [*CATALOG["libraries"].values(), *CATALOG["plugins"].values()]
    refs = {entry["version"]["ref"] for entry in entries if "version" in entry}
    assert refs == set(CATALOG["versions"])
    # an entry without a version takes it from the bill of materials, which its script must import
    free = {name for name, entry in CATALOG["libraries"].items() if "version" not in entry}
    assert free == {"junit-jupiter", "junit-launcher"}
    for text in SCRIPTS.values():
        assert ("libs.junit.jupiter" in text) == ("platform(libs.junit.bom)" in text)


def test_versions_are_those_of_the_maven_build():
    poms = properties(POM)
    assert {name: CATALOG["versions"][name] for name in SAME} == {name: poms[key] for name, key in SAME.items()}
    junit4 = re.search(r"<artifactId>junit</artifactId><version>([^<]+)", (ROOT / "app/pom.xml").read_text())
    assert CATALOG["versions"]["junit4"] == junit4[1]
    assert set(CATALOG["versions"]) == {*SAME, "junit4", "agp", "executorch", "litert"}


def test_messages_of_the_engines_name_the_catalogs_libraries():
    source = (ROOT / "engines/src/main/kotlin/dev/pocketbert/engines/RuntimeLibrary.kt").read_text(encoding="utf-8")
    for alias in ("executorch-android", "litert", "onnxruntime-android"):
        entry = CATALOG["libraries"][alias]
        assert f'"{entry["module"]}:{CATALOG["versions"][entry["version"]["ref"]]}"' in source


def test_downloads_are_those_of_the_poms():
    poms = properties(POM)
    aars = {aar.name: aar.version for aar in downloads.AARS}
    assert aars["tensorflow-lite"] == aars["tensorflow-lite-api"] == poms["tflite.version"]
    assert aars["fbjni"] == poms["fbjni.version"]
    assert downloads.EXECUTORCH_PACKAGE.endswith("@" + poms["executorch.version"])
    assert apk.FRAMEWORK[2] == poms["android.all.version"] and apk.NATIVE_LOADER[2] == poms["nativeloader.version"]
    assert downloads.ROBOLECTRIC_FRAMEWORK[2].startswith(poms["android.all.version"])


def test_modules_exist_and_are_mavens():
    listed = re.search(r"include\(([^)]*)\)", SCRIPTS["settings.gradle.kts"])[1]
    gradle = [name.removeprefix(":") for name in re.findall(r'"([^"]+)"', listed)]
    maven = [entry.text for entry in ElementTree.parse(POM).getroot().iterfind("m:modules/m:module", SPACE)]
    assert tuple(gradle) == tuple(maven) == MODULES
    found = {path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.gradle.kts"), *ROOT.glob("*/*.gradle.kts")]}
    assert found == set(SCRIPTS)
    assert set(re.findall(r'project\(":(\w+)"\)', "".join(SCRIPTS.values()))) <= set(MODULES)


def test_levels_are_the_same_everywhere():
    app, library = SCRIPTS["app/build.gradle.kts"], SCRIPTS["engines/build.gradle.kts"]
    poms = properties(ROOT / "app" / "pom.xml")
    assert int(poms["min.sdk"]) == apk.MIN_SDK and int(poms["target.sdk"]) == apk.TARGET_SDK
    for text in (app, library):
        assert re.search(rf"minSdk = {apk.MIN_SDK}\b", text) and re.search(rf"compileSdk = {apk.TARGET_SDK}\b", text)
    assert re.search(rf"targetSdk = {apk.TARGET_SDK}\b", app)
    assert f"versionCode = {apk.VERSION_CODE}\n" in app and f'versionName = "{apk.VERSION_NAME}"' in app
    assert f'namespace = "{apk.PACKAGE}"' in app and f'applicationId = "{apk.PACKAGE}"' in app
    assert "uses-sdk" not in (ROOT / "app/src/main/AndroidManifest.xml").read_text(encoding="utf-8")
    java = properties(POM)["maven.compiler.release"]
    for module in MODULES:
        assert f"jvmTarget = JvmTarget.JVM_{java}" in SCRIPTS[f"{module}/build.gradle.kts"]


def test_models_stay_uncompressed_and_libraries_in_the_apk():
    app = SCRIPTS["app/build.gradle.kts"]
    stored = re.search(r"noCompress \+= listOf\(([^)]*)\)", app)[1]
    assert set(re.findall(r'"(\w+)"', stored)) == set(apk.CONTAINERS)
    assert "useLegacyPackaging = false" in app
    assert set(re.findall(r'"([\w-]+)"', re.search(r"abiFilters \+= listOf\(([^)]*)\)", app)[1])) == set(downloads.ABIS)
    for name in ("app/proguard-rules.pro", "engines/consumer-rules.pro", "lint.xml"):
        assert (ROOT / name).is_file() and any(f'"{Path(name).name}"' in text for text in SCRIPTS.values())


def test_the_runtimes_to_choose_from_are_the_ones_that_the_script_knows():
    said = re.search(r"^pocketbert.runtimes=(.*)$", (ROOT / "gradle.properties").read_text(), re.MULTILINE)[1].split(",")
    assert re.findall(r'if \("(\w+)" in runtimes\)', SCRIPTS["app/build.gradle.kts"]) == said


def test_no_wrapper_is_committed():
    tracked = subprocess.run(["git", "ls-files", "."], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert [name for name in tracked.stdout.splitlines() if name.endswith(".jar") or "wrapper" in name or "gradlew" in name] == []
    assert re.search(r'tasks\.wrapper \{\s+gradleVersion = "[\d.]+"', SCRIPTS["build.gradle.kts"])
