"""ktlint and Android Lint over android_demo: `python tools/android/lint.py` names every finding and ends with 1 if there is one.

Lint resolves names through what Maven has built: run `python tools/android/maven.py verify` before it.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from apk import FRAMEWORK, MIN_SDK, PACKAGE, TARGET_SDK, VERSION_CODE, VERSION_NAME
from cache import CACHE, DownloadFailed, MissingTool, once, require
from repository import BuildFailed, class_path, get

ROOT = Path(__file__).resolve().parents[2] / "android_demo"
SDK_COMMON = ("com.android.tools", "sdk-common", "32.5.0")
# Signatures of Android's public calls, those included that R8 rewrites for old phones. From level 27 to 32, and from 33 to 34,
# they do not tell which level brought a call: a call that no SDK_INT check guards is found, a check that asks for 28 where 29
# is meant is not.
SIGNATURES = {26: "0.15.0", 32: "0.12.0", 34: "0.12.0"}


def ktlint(folder: Path = ROOT) -> list[str]:
    """Findings in the Kotlin sources and Gradle files below a folder, as `path:line:column: what`."""
    command = ["java", "-cp", _joined(class_path("ktlint")), "com.pinterest.ktlint.Main", "--relative", "--log-level=error"]
    done = _run([*command, "**/*.kt", "**/*.kts", "!**/target/**", "!**/build/**"], folder)
    if done.returncode not in (0, 1):
        raise BuildFailed(f"ktlint failed:\n{done.stdout}")
    return [line for line in done.stdout.splitlines() if re.match(r"\S+:\d+:\d+: ", line)]


def android_lint(folder: Path = ROOT) -> list[str]:
    """Findings in sources, resources and manifests of the modules, as `path:line: what [check]`.

    Args:
        folder: laid out as android_demo/; class paths are taken from android_demo itself.
    """
    with tempfile.TemporaryDirectory() as work:
        project, report = Path(work) / "project.xml", Path(work) / "report.xml"
        project.write_text(_project(folder, Path(work)), encoding="utf-8")
        command = ["java", f"-DLINT_API_DATABASE={api_versions()}", "-cp", _joined([*class_path("lint"), get(*SDK_COMMON)])]
        command += ["com.android.tools.lint.Main", "--project", str(project), "--config", str(folder / "lint.xml")]
        command += ["--sdk-home", f"{work}/sdk", "--xml", str(report), "--fullpath", "--exitcode", "--quiet"]
        done = _run(command, folder, {**os.environ, "ANDROID_USER_HOME": work})
        if done.returncode not in (0, 1) or not report.exists():
            raise BuildFailed(f"Android Lint failed:\n{done.stdout[-4000:]}")
        return [_finding(issue, folder, Path(work)) for issue in ElementTree.parse(report).getroot().iter("issue")]


def _finding(issue: ElementTree.Element, folder: Path, work: Path) -> str:
    place = issue.find("location")
    path = Path(place.get("file"))
    if path.name == "AndroidManifest.xml" and work in path.parents:
        path = folder / path.parent.name / "src" / "main" / path.name  # the merged one was looked at
    return f"{os.path.relpath(path, folder)}:{place.get('line', '')}: {issue.get('message')} [{issue.get('id')}]"


def _project(folder: Path, work: Path) -> str:
    """Lint's description of the modules. text is plain Kotlin, but it runs on phones: it is looked at as a library too."""
    (work / "sdk" / "platforms" / f"android-{TARGET_SDK}").mkdir(parents=True)
    (work / "cache").mkdir()
    modules = [
        _module(folder, work, "text", PACKAGE.replace("app", "text"), []),
        _module(folder, work, "engines", PACKAGE.replace("app", "engines"), ["text"]),
        _module(folder, work, "app", PACKAGE, ["text", "engines"]),
    ]
    cache = f"<cache dir={quoteattr(str(work / 'cache'))}/>"
    return f"<project><root dir={quoteattr(str(folder))}/>{cache}\n" + "\n".join(modules) + "\n</project>\n"


def _module(folder: Path, work: Path, name: str, package: str, uses: list[str]) -> str:
    source = folder / name / "src" / "main"
    manifest = work / name / "AndroidManifest.xml"
    manifest.parent.mkdir()
    manifest.write_text(_manifest(source / "AndroidManifest.xml", package), encoding="utf-8")
    lines = [f"<manifest file={quoteattr(str(manifest))}/>", f"<merged-manifest file={quoteattr(str(manifest))}/>"]
    lines += [f"<src file={quoteattr(str(path))}/>" for path in sorted(source.glob("kotlin/**/*.kt"))]
    lines += [f"<resource file={quoteattr(str(path))}/>" for path in sorted(source.glob("res/*/*"))]
    lines += [f"<dep module={quoteattr(other)}/>" for other in uses]
    built = (ROOT / name / "target" / "classpath.txt").read_text(encoding="utf-8").split(":")
    jars = [*(path for path in map(Path, built) if path.suffix == ".jar" and ROOT not in path.parents), get(*FRAMEWORK)]
    lines += [f"<classpath jar={quoteattr(str(path))}/>" for path in dict.fromkeys(jars)]
    library = "false" if name == "app" else "true"
    head = f'<module name="{name}" android="true" library="{library}" compile-sdk-version="{TARGET_SDK}" desugar="full">'
    return "\n  ".join([head, *lines]) + "\n</module>"


def _manifest(path: Path, package: str) -> str:
    """As Gradle merges it: package, version and levels, which the source leaves to Gradle, on the lines that are there."""
    empty = '<manifest xmlns:android="http://schemas.android.com/apk/res/android"/>'
    text = path.read_text(encoding="utf-8") if path.exists() else empty
    version = f'android:versionCode="{VERSION_CODE}" android:versionName="{VERSION_NAME}"'
    text = re.sub(r"<manifest\b", f'<manifest package="{package}" {version}', text, count=1)
    levels = f'<uses-sdk android:minSdkVersion="{MIN_SDK}" android:targetSdkVersion="{TARGET_SDK}"/>'
    if text.rstrip().endswith("</manifest>"):
        return re.sub(r"(<manifest\b[^>]*>)", rf"\1{levels}", text, count=1)
    return re.sub(r"(<manifest\b[^>]*)/>", rf"\1>{levels}</manifest>", text, count=1)


def api_versions() -> Path:
    """The table of the levels that Android's calls came with; made once."""
    program = Path(__file__).with_name("ApiVersions.java")
    made_by = hashlib.sha256(program.read_bytes() + repr(SIGNATURES).encode()).hexdigest()[:16]
    files = []
    for level, version in SIGNATURES.items():
        files.append(f"{level}={get('com.toasttab.android', f'gummy-bears-api-{level}', version, 'signature')}")
    sniffer = _joined(class_path("signatures"))

    def make(folder: Path) -> None:
        done = _run(["java", "-cp", sniffer, str(program), str(folder / "api-versions.xml"), *files], folder)
        if done.returncode:
            raise BuildFailed(f"ApiVersions.java failed:\n{done.stdout}")

    return once(CACHE / f"api-versions-{made_by}", make) / "api-versions.xml"


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _joined(paths: list[Path]) -> str:
    return ":".join(map(str, paths))


if __name__ == "__main__":
    try:
        require("java", "mvn")
        found = [*ktlint(), *android_lint()]
    except (MissingTool, DownloadFailed, BuildFailed) as failed:
        sys.exit(str(failed))
    print("\n".join(found) or "no finding")
    sys.exit(bool(found))
