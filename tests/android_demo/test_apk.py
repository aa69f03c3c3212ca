"""The APK, read from the file itself: signature, alignment, what is stored, what it asks for, what is in it."""

from __future__ import annotations

import re
import struct
import subprocess
import zipfile
from pathlib import Path

import apk
import downloads
import pytest
from repository import class_path

from pocketbert.edge_export.artifact import open_artifact
from pocketbert.tasks import UserError

PAGE = 16384
# Reads with the reader of Android's own tools, not with the program that signed.
VERIFY = """
import com.android.apksig.ApkVerifier;
import java.io.File;

public class Verify {
    public static void main(String[] a) throws Exception {
        ApkVerifier.Result result = new ApkVerifier.Builder(new File(a[0])).build().verify();
        boolean[] schemes = {result.isVerifiedUsingV2Scheme(), result.isVerifiedUsingV3Scheme()};
        System.out.println(result.isVerified() + " v2 " + schemes[0] + " v3 " + schemes[1]);
    }
}
"""


@pytest.fixture(scope="module")
def built(kotlin, small_artifacts, tmp_path_factory) -> Path:
    """The app with the tests' small .pte."""
    return apk.pack([open_artifact(small_artifacts["pte"])], tmp_path_factory.mktemp("apk"))


def stored_at(path: Path) -> dict[str, int]:
    """Entry -> offset of its bytes, of those that are not compressed."""
    offsets = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for entry in archive.infolist():
            if entry.compress_type == zipfile.ZIP_STORED:
                file.seek(entry.header_offset + 26)
                name, extra = struct.unpack("<HH", file.read(4))
                offsets[entry.filename] = entry.header_offset + 30 + name + extra
    return offsets


def load_alignments(library: bytes) -> list[int]:
    """p_align of every PT_LOAD segment of a 64-bit little-endian ELF file."""
    assert library[:6] == b"\x7fELF\x02\x01"
    table, size, count = struct.unpack_from("<Q", library, 32)[0], *struct.unpack_from("<HH", library, 54)
    segments = [struct.unpack_from("<IIQQQQQQ", library, table + i * size) for i in range(count)]
    return [segment[7] for segment in segments if segment[0] == 1]


def said_by_aapt2(what: str, path: Path, *options: str) -> str:
    return subprocess.run([downloads.aapt2(), "dump", what, *options, path], check=True, capture_output=True, text=True).stdout


def verified(path: Path, folder: Path) -> str:
    program = folder / "Verify.java"
    program.write_text(VERIFY)
    command = ["java", "-cp", ":".join(map(str, class_path("apk"))), str(program), str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_it_is_signed_and_a_changed_byte_is_seen(built, tmp_path):
    assert verified(built, tmp_path) == "true v2 true v3 true"
    changed = bytearray(built.read_bytes())
    changed[stored_at(built)["assets/small.pte"] + 100] ^= 1
    (tmp_path / "changed.apk").write_bytes(changed)
    assert verified(tmp_path / "changed.apk", tmp_path).startswith("false")


def test_libraries_can_be_loaded_from_where_they_lie_on_phones_with_16_kb_pages(built):
    offsets = stored_at(built)
    with zipfile.ZipFile(built) as archive:
        libraries = [name for name in archive.namelist() if name.startswith("lib/")]
        names = ("libexecutorch.so", "libfbjni.so", "libc++_shared.so")
        assert set(libraries) == {f"lib/{abi}/{name}" for abi in downloads.ABIS for name in names}
        for name in libraries:
            assert offsets[name] % PAGE == 0, name
            assert all(align % PAGE == 0 for align in load_alignments(archive.read(name))), name
    assert re.search(r"extractNativeLibs\(0x[0-9a-f]+\)=false", said_by_aapt2("xmltree", built, "--file", "AndroidManifest.xml"))


def test_the_model_is_stored_whole_and_opens_again(built, small_artifacts, tmp_path):
    assert "assets/small.pte" in stored_at(built)
    with zipfile.ZipFile(built) as archive:
        archive.extract("assets/small.pte", tmp_path)
    inside = tmp_path / "assets" / "small.pte"
    assert inside.read_bytes() == small_artifacts["pte"].read_bytes()
    assert open_artifact(inside).manifest.container == "pte"


def test_it_asks_for_no_permission_and_starts(built):
    badging = said_by_aapt2("badging", built)
    assert "uses-permission" not in badging and "uses-permission" not in said_by_aapt2("permissions", built)
    for line in ("sdkVersion:'26'", "targetSdkVersion:'34'", "launchable-activity: name='dev.pocketbert.app.MainActivity'"):
        assert line in badging
    assert "native-code: 'arm64-v8a' 'x86_64'" in badging
    assert badging.startswith(f"package: name='{apk.PACKAGE}' versionCode='{apk.VERSION_CODE}' versionName='{apk.VERSION_NAME}'")


def test_the_classes_that_are_asked_for_by_name_are_there(built):
    with zipfile.ZipFile(built) as archive:
        code = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".dex"))
    own = ("dev/pocketbert/app/MainActivity", "dev/pocketbert/app/BenchActivity")
    found = (*own, "org/pytorch/executorch/Module", "com/facebook/jni/HybridData")
    for name in found:
        assert f"L{name};".encode() in code, name


def test_sizes_by_part_add_up(built):
    sizes = apk.size_by_part(built)
    whole = sizes.pop("whole file")
    assert whole == built.stat().st_size == sum(sizes.values())
    assert {"code", "models", "native libraries, arm64-v8a", "native libraries, x86_64"} < set(sizes)


def test_a_file_that_was_never_sealed_is_refused_before_anything_is_built(build_tools, tmp_path, monkeypatch):
    monkeypatch.setattr(apk.maven, "run", lambda arguments: pytest.fail("built"))
    (tmp_path / "other.pte").write_bytes(b"\0" * 100)
    with pytest.raises(UserError, match="other.pte"):
        apk.main([tmp_path / "other.pte"])


def test_without_a_model_it_says_what_to_do(build_tools, tmp_path, monkeypatch):
    monkeypatch.setattr(apk, "DEFAULT_MODEL", apk.ROOT.parent / "runs" / "nowhere.pte")
    with pytest.raises(UserError, match="run `make demo` first, or name sealed files"):
        apk.main([])
