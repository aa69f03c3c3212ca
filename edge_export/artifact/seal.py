"""Writes a sealed file: compute bytes, then one zip with everything else, each part's sha256 in the manifest."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pocketbert.edge_export.artifact.canonical_zip import write_zip
from pocketbert.edge_export.artifact.containers import seal_header, starts_like, zip_start
from pocketbert.edge_export.artifact.manifest import Digest, Manifest
from pocketbert.tasks import UserError


def digest(data: bytes) -> Digest:
    return Digest(size=len(data), sha256=hashlib.sha256(data).hexdigest())


def seal(compute: bytes, entries: Mapping[str, bytes], describe: Callable[[Digest, dict[str, Digest]], Manifest]) -> bytes:
    """The whole file.

    Args:
        compute: the container's bytes as the runtime loads them.
        entries: zip entries besides the manifest, in the order in which they are to lie.
        describe: makes the manifest from the digest of the compute bytes and of each entry.

    Raises:
        UserError: a name or size is outside the format, or the compute bytes are not the container's.
    """
    manifest = describe(digest(compute), {name: digest(data) for name, data in entries.items()})
    container = manifest.container
    if not starts_like(container, compute[:8]):
        raise UserError(f"these compute bytes are no {container} file.")
    parts = {"manifest.json": manifest.to_json(), **entries}
    start = zip_start(container, len(compute), {name: len(data) for name, data in parts.items()})
    archive = write_zip(parts, start)
    return b"".join((compute, seal_header(container, len(archive)), archive))


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside the target, syncs, then renames: a kill or a full disk leaves the old file or none, never half a one.

    Raises:
        UserError: the disk is full or the folder cannot be written; nothing is left behind.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # mkstemp's 0600 would hide the file from the app that is to ship it
        os.replace(temporary, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError(f"{path}: the disk is full ({len(data)} bytes needed); nothing was written.") from None
        raise UserError(f"{path}: cannot be written ({error.strerror}).") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)  # gone already where the rename was reached
