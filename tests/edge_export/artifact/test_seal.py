"""The seal: what is written is read back, any change is found, ordinary tools can open it."""

from __future__ import annotations

import io
import json
import zipfile

import damage
import manifest_edits
import pytest
from sealing import CONTAINERS, edited

from pocketbert.edge_export.artifact import open_artifact
from pocketbert.edge_export.artifact.canonical_zip import write_zip
from pocketbert.edge_export.artifact.golden import Reproducibility
from pocketbert.tasks import UserError


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
    assert len(artifact.golden.vectors) == 64 and artifact.golden.reproducibility == Reproducibility(0.125, 0.25)
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
    onnx = pytest.importorskip("onnx", reason="onnx is not installed (pip install -e '.[export]')")
    model = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    model.doc_string = "x" * 300
    whole = sealed("onnx", compute=model.SerializeToString())
    parsed = onnx.load_from_string(whole)  # protobuf's own parser walks over the field
    assert parsed.doc_string == model.doc_string
    assert parsed.SerializeToString() != model.SerializeToString()  # and keeps it when saved


def refused_all(tmp_path, cases) -> int:
    count = 0
    for case in cases:
        assert case.refused
        with pytest.raises(UserError):
            opened(tmp_path, case.data)
            pytest.fail(f"read: {case.name}")
        count += 1
    return count


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_flipped_bit_is_found(tmp_path, sealed, container):
    whole = sealed(container)
    assert refused_all(tmp_path, damage.flipped_bits(whole)) == 606
    assert opened(tmp_path, whole).size == len(whole)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_truncation_and_every_tail_is_found(tmp_path, sealed, container):
    whole = sealed(container)
    assert refused_all(tmp_path, damage.cut_off(whole)) == 68
    assert refused_all(tmp_path, damage.with_tails(whole)) == 4


def test_bytes_moved_inserted_or_overwritten_are_found(tmp_path, sealed):
    assert refused_all(tmp_path, damage.moved(sealed("tflite"))) == 450


def test_entries_that_lie_over_one_another_are_refused_before_they_are_copied(tmp_path):
    with pytest.raises(UserError, match='"01" does not lie where the entry before it ends'):
        opened(tmp_path, damage.entries_over_one_another().data)


@pytest.mark.parametrize("part", [damage.odd_manifests, damage.other_tasks, damage.odd_entries, damage.too_large])
def test_odd_contents_in_a_right_seal(tmp_path, part):
    wrong = []
    for case in part("tflite"):
        try:
            opened(tmp_path, case.data)
            refused = False
        except UserError:
            refused = True
        if case.refused not in (None, refused):
            wrong.append(case.name)
    assert wrong == []


@pytest.mark.parametrize(("name", "most"), [("golden.json", 8 << 20), ("vocab.txt", 8 << 20), ("normalizer.bin", 1 << 20)])
def test_an_entry_past_its_bound_is_not_sealed(name, most):
    write_zip({name: bytes(most)}, 0)
    with pytest.raises(UserError, match=f'"{name}" has {most + 1} bytes, more than the {most} that the format allows'):
        write_zip({name: bytes(most + 1)}, 0)


def test_a_later_minor_version_with_unknown_keys_and_entries_is_read(tmp_path, sealed):
    later = manifest_edits.ACCEPTED["a later minor version with unknown keys"]
    assert opened(tmp_path, edited(sealed("pte"), later)).manifest.format.minor == 7
    assert "extra.bin" in opened(tmp_path, sealed("pte", more={"extra.bin": b"123"})).entries


@pytest.mark.parametrize(("edit", "says"), manifest_edits.REFUSED)
def test_a_manifest_that_does_not_fit_is_refused_by_name(tmp_path, sealed, edit, says):
    with pytest.raises(UserError, match="(?s)" + says.replace(".", r"\.")):
        opened(tmp_path, edited(sealed("tflite"), edit))


def test_a_plain_model_file_gets_advice(tmp_path):
    with pytest.raises(UserError, match="plain .tflite file without a tokenizer.*pocketbert export"):
        opened(tmp_path, b"\0\0\0\0TFL3" + bytes(5000), "model.tflite")


def test_a_random_zip_is_called_one(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("notes.txt", "no model")
    with pytest.raises(UserError, match="ordinary zip archive"):
        opened(tmp_path, data.getvalue(), "notes.tflite")


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"hello"])
def test_other_files_are_refused(tmp_path, data):
    with pytest.raises(UserError):
        opened(tmp_path, data)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        open_artifact(tmp_path / "none.pte")
    with pytest.raises(UserError, match="is a folder"):
        open_artifact(tmp_path)


def test_the_same_parts_give_the_same_bytes(sealed):
    assert sealed("onnx") == sealed("onnx")
