"""Writing so that a kill leaves the old or the new and never half, and a full disk is a clear error."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pocketbert.tasks.errors import UserError

# EFBIG is what a file-size limit gives: to the user it is the same trouble.
FULL = {errno.ENOSPC: "no space left on the disk", errno.EDQUOT: "disk quota exceeded", errno.EFBIG: "file too large here"}


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the errors of a full or read-only disk into one that a user understands.

    safetensors and torch report a full disk in exceptions of their own, which are known by their text.

    Raises:
        UserError: in place of those errors; every other exception passes.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise UserError(f"{path}: {FULL[error.errno]}; make room and run the same command again.") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOENT):
            raise UserError(f"{path}: cannot be written ({error.strerror}).") from error
        raise
    except Exception as error:
        text = str(error)
        if "No space left" in text or "File too large" in text or "PytorchStreamWriter failed" in text:
            raise UserError(f"{path}: no space left on the disk; make room and run the same command again.") from error
        raise


def write_file(path: Path, content: bytes) -> None:
    """Writes beside the target, syncs, then renames: what stood there stays until the new is whole.

    Raises:
        UserError: the disk is full or the folder cannot be written; nothing is left behind.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(part, 0o644)  # mkstemp's 0600 would hide a file from the app that is to ship it
            os.replace(part, path)
        finally:
            Path(part).unlink(missing_ok=True)  # gone already where the rename was reached


def put_in_place(part: Path, target: Path) -> None:
    """Renames a folder to `target`, in place of what is there.

    Two renames: killed between them, both the old (`.NAME.old`) and the new are whole beside `target`, and the same command makes
    it again.
    """
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    part.rename(target)
    shutil.rmtree(old, ignore_errors=True)
