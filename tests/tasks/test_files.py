from __future__ import annotations

import errno
import stat

import pytest

from pocketbert.tasks import UserError
from pocketbert.tasks.files import put_in_place, write_file


def test_a_place_that_cannot_be_written_is_a_message(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        write_file(tmp_path / "file" / "model.pte", b"new")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="folder: cannot be written"):
        write_file(tmp_path / "folder", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "model.pte"
    write_file(path, b"old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)  # the one call that a test cannot bring to fail without a disk of its own
    with pytest.raises(UserError, match="model.pte: no space left on the disk; make room"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_written_file_can_be_read_by_others(tmp_path):
    write_file(tmp_path / "a" / "b.json", b"{}")
    assert stat.S_IMODE((tmp_path / "a" / "b.json").stat().st_mode) == 0o644


def test_a_folder_takes_the_place_of_another_and_of_what_a_kill_left(tmp_path):
    part, target, left = tmp_path / "part", tmp_path / "target", tmp_path / ".target.old"
    for folder, name in ((part, "new"), (target, "old"), (left, "older")):
        folder.mkdir()
        (folder / name).touch()
    put_in_place(part, target)
    assert [path.name for path in tmp_path.iterdir()] == ["target"] and [path.name for path in target.iterdir()] == ["new"]
