"""Writes a sealed file: compute bytes, then one zip with everything else, each part's sha256 in the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

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
        raise UserError(f"these compute bytes are not a {container} file.")
    parts = {"manifest.json": manifest.to_json(), **entries}
    start = zip_start(container, len(compute), {name: len(data) for name, data in parts.items()})
    archive = write_zip(parts, start)
    return b"".join((compute, seal_header(container, len(archive)), archive))
