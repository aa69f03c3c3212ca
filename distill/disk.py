"""Writing so that a kill leaves the old or the new and never half, and a full disk is a clear error."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pocketbert.tasks import UserError

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
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise UserError(f"{path}: cannot be written ({error.strerror}).") from error
        raise
    except Exception as error:
        text = str(error)
        if "No space left" in text or "File too large" in text or "PytorchStreamWriter failed" in text:
            raise UserError(f"{path}: no space left on the disk; make room and run the same command again.") from error
        raise


@contextlib.contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of `out` when the block ends without an error."""
    part = out.with_name(f".{out.name}.writing")
    with writing(out):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        if out.exists():
            shutil.rmtree(out)
        part.rename(out)


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole, or leaves what was there."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.writing")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


def folder_fingerprint(folder: Path) -> str:
    """sha256 over the configuration, tokenizer and weights of a model folder."""
    digest = hashlib.sha256()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()
