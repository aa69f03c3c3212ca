"""The seal: what is written is read back, any change is found, ordinary tools can open it."""

from __future__ import annotations

import errno
import io
import json
import random
import zipfile

import pytest

from pocketbert.edge_export.artifact import open_artifact
from pocketbert.edge_export.artifact.seal import write_atomically
from pocketbert.tasks import UserError

CONTAINERS = ("pte", "tflite", "onnx")


def opened(tmp_path, data: bytes, name: str = "file.bin"):
    path = tmp_path / name
    path.write_bytes(data)
    return open_artifact(path)


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_sealed_file_is_read_back(tmp_path, sealed, container):
    artifact = opened(tmp_path, sealed(container))
    assert artifact.manifest.container == container
    assert artifact.task.labels == ("yes", "no")
    assert artifact.entries["labels.txt"] == b"yes\nno\n"
    assert len(artifact.golden.vectors) == 64 and artifact.golden.tolerance == 0.5
    assert artifact.encode(("wake me at sixty",)).tokens == ("[CLS]", "wake", "me", "at", "six", "##ty", "[SEP]")


@pytest.mark.parametrize("container", CONTAINERS)
def test_pythons_zipfile_opens_the_seal_with_absolute_offsets(sealed, container):
    # zipfile is the independent reader here: the seal itself is written and read by our own code
    whole = sealed(container)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "manifest.json"
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert whole[info.header_offset : info.header_offset + 4] == b"PK\x03\x04"
        assert json.loads(archive.read("manifest.json"))["compute"]["size"] == 300


def test_the_onnx_seal_is_one_protobuf_field_that_the_schema_does_not_know(sealed):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed (pip install 'pocketbert[export]')")
    model = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    model.doc_string = "x" * 300
    whole = sealed("onnx", compute=model.SerializeToString())
    parsed = onnx.load_from_string(whole)  # protobuf's own parser walks over the field
    assert parsed.doc_string == model.doc_string
    assert parsed.SerializeToString() != model.SerializeToString()  # and keeps it when saved


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_flipped_bit_is_found(tmp_path, sealed, container):
    whole = bytearray(sealed(container))
    path = tmp_path / "file.bin"
    rng = random.Random(11)
    # every byte of the compute part's edges and of the end record; a sample of the long middle
    places = [*range(16), *range(290, 420), *range(len(whole) - 60, len(whole)), *rng.sample(range(len(whole)), 400)]
    for place in places:
        bit = 1 << rng.randrange(8)
        whole[place] ^= bit
        path.write_bytes(whole)
        with pytest.raises(UserError):
            open_artifact(path)
        whole[place] ^= bit
    path.write_bytes(whole)
    assert open_artifact(path).size == len(whole)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_truncation_and_every_tail_is_found(tmp_path, sealed, container):
    whole = sealed(container)
    rng = random.Random(12)
    for end in [0, 1, 8, 21, 22, 299, 300, *rng.sample(range(len(whole)), 60), len(whole) - 1]:
        with pytest.raises(UserError):
            opened(tmp_path, whole[:end])
    for tail in (b"\0", b"PK\x05\x06", whole[-22:], whole):
        with pytest.raises(UserError):
            opened(tmp_path, whole + tail)


def test_bytes_moved_inserted_or_overwritten_are_found(tmp_path, sealed):
    whole, rng = sealed("tflite"), random.Random(13)
    for _ in range(150):
        a, b = sorted(rng.sample(range(len(whole)), 2))
        junk = rng.randbytes(rng.randint(1, 9))
        for damaged in (whole[:a] + junk + whole[a:], whole[:a] + whole[b:], whole[:a] + junk + whole[a + len(junk) :]):
            if damaged != whole:
                with pytest.raises(UserError):
                    opened(tmp_path, damaged)


def test_entries_that_lie_over_one_another_are_refused_before_they_are_copied(tmp_path):
    # 32 entries that all name the same megabytes: a reader that copies first needs 32 times the file's size
    import struct

    big = b"\0" * (4 << 20)
    body = b"PK\x03\x04" + bytes(26) + b"aa" + big
    central = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, len(big), len(big), 2, 0, 0, 0, 0, 0, 0)
        + f"{i:02}".encode()
        for i in range(32)
    )
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 32, 32, len(central), len(body), 0)
    with pytest.raises(UserError, match='"01" does not lie where the entry before it ends'):
        opened(tmp_path, body + central + end)


def test_a_place_that_cannot_be_written_is_a_message(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "model.pte", b"new")


def test_a_later_minor_version_with_unknown_keys_and_entries_is_read(tmp_path, rewritten, sealed):
    def edit(manifest):
        manifest["format"]["minor"] = 7
        manifest["novelty"] = {"x": [1]}
        manifest["output"]["unit"] = "nat"

    assert opened(tmp_path, rewritten("pte", edit)).manifest.format.minor == 7
    assert "extra.bin" in opened(tmp_path, sealed("pte", more={"extra.bin": b"123"})).entries


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda m: m["format"].update(major=2), "format 2.0"),
        (lambda m: m["format"].update(name="other"), "not say that this is a pocketbert file"),
        (lambda m: m.update(container="zip"), "unknown container"),
        (lambda m: m.update(container="pte", runtime={"name": "executorch", "least_version": "1.0"}), "no pte file"),
        (lambda m: m["compute"].update(size=299), "do not end where the seal begins"),
        (lambda m: m["compute"].update(sha256="0" * 64), "compute bytes differ"),
        (lambda m: m["entries"]["labels.txt"].update(sha256="0" * 64), "labels.txt differ"),
        (lambda m: m["entries"].pop("labels.txt"), "other entries"),
        (lambda m: m["task"].update(labels=["yes", "yes"]), "stands twice"),
        (lambda m: m["task"].update(labels=["yes", "no", "maybe"]), "output.size"),
        (lambda m: m["task"].update(kind="poetry"), "unknown task kind"),
        (lambda m: m["lengths"].update(min=1), "lengths"),
        (lambda m: m["lengths"].update(max=8), "past the longest length"),
        (lambda m: m.update(vocabulary_size="30"), "vocabulary_size"),
        (lambda m: m.update(inputs=["attention_mask", "input_ids", "token_type_ids"]), "inputs must be"),
        (lambda m: m.pop("runtime"), "runtime"),
        (lambda m: m["runtime"].update(name="executorch"), "runtime.name must be litert"),
        (lambda m: m.pop("inputs"), "inputs"),
        (lambda m: m["task"].pop("pair"), "task lacks pair"),
        (lambda m: m["output"].update(kind="value"), "does not belong to classification"),
        (lambda m: m["lengths"].update(static=[8]), "both min and max and static"),
        (lambda m: b"[1, 2]", "not an object"),
        (lambda m: json.dumps(m).encode().replace(b'"size": 2', b'"size": NaN'), "no JSON number"),
        (lambda m: json.dumps(m).encode()[:-1] + b', "task": 1}', "stands twice"),
        (lambda m: b"[" * 100_000, "not valid JSON"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_by_name(tmp_path, rewritten, edit, says):
    def apply(manifest):
        changed = edit(manifest)
        return changed if isinstance(changed, bytes) else None

    with pytest.raises(UserError, match="(?s)" + says.replace(".", r"\.")):
        opened(tmp_path, rewritten("tflite", apply))


def test_a_plain_model_file_gets_advice(tmp_path):
    with pytest.raises(UserError, match="plain .tflite file without a tokenizer.*pocketbert export"):
        opened(tmp_path, b"\0\0\0\0TFL3" + bytes(5000), "model.tflite")


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"hello"])
def test_other_files_are_refused(tmp_path, data):
    with pytest.raises(UserError):
        opened(tmp_path, data)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        open_artifact(tmp_path / "none.pte")
    with pytest.raises(UserError, match="is a folder"):
        open_artifact(tmp_path)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "model.pte"
    write_atomically(path, b"old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)  # the one call that a test cannot bring to fail without a disk of its own
    with pytest.raises(UserError, match="disk is full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_the_same_parts_give_the_same_bytes(sealed):
    assert sealed("onnx") == sealed("onnx")
