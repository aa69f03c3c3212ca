"""Opens a sealed file and checks it whole, before any runtime sees it."""

from __future__ import annotations

import hashlib
import mmap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from pocketbert.edge_export.artifact.canonical_zip import MAX_MANIFEST, read_zip
from pocketbert.edge_export.artifact.containers import CONTAINERS, MAX_FILE, seal_header, starts_like
from pocketbert.edge_export.artifact.golden import Golden, parse_golden
from pocketbert.edge_export.artifact.manifest import Digest, Manifest, parse_manifest
from pocketbert.edge_export.artifact.port_tables import check_normalizer, check_vocabulary
from pocketbert.edge_export.artifact.strict_json import shortened
from pocketbert.edge_export.artifact.tokenizing import Encoded, encode, open_tokenizer
from pocketbert.tasks import Task, UserError


@dataclass(frozen=True)
class Artifact:
    """A sealed file whose seal holds.

    Args:
        path: where it lies.
        size: bytes of the whole file.
        sha256: of the whole file, hex.
        manifest: what it says of itself.
        entries: the zip's other entries by name.
    """

    path: Path
    size: int
    sha256: str
    manifest: Manifest
    entries: dict[str, bytes]

    @cached_property
    def task(self) -> Task:
        return self.manifest.read_task()

    @cached_property
    def golden(self) -> Golden:
        return parse_golden(self.entries["golden.json"], self.manifest.output.size, self.task.pair)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return open_tokenizer(self.entries["tokenizer.json"].decode("utf-8"), self.manifest.tokenizer)

    def encode(self, texts: tuple[str, ...]) -> Encoded:
        """Tokenizes a text or a pair with the file's own tokenizer.

        Raises:
            UserError: a pair for a single-text model, or the other way round.
        """
        wanted = 2 if self.task.pair else 1
        if len(texts) != wanted:
            raise UserError(f"{self.path.name} takes {'pairs of texts' if wanted == 2 else 'single texts'}, found {texts!r}.")
        return encode(self.tokenizer, texts)


def open_artifact(path: Path | str) -> Artifact:
    """Reads and checks the seal by docs/artifact.md; opens no runtime.

    Raises:
        UserError: the file is missing, was never sealed, is damaged (the part is named), or is of a later format.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise UserError(f"{path}: is a folder; give the sealed .pte, .tflite or .onnx file in it.")
        if not 0 < size <= MAX_FILE:
            raise UserError(f"{path}: has {size} bytes; a sealed file has between 1 and {MAX_FILE}.")
        with path.open("rb") as file:
            # mapped, so that checking a file costs no memory; never closed by hand, since views of it are still held while
            # an error is on its way up
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return _check(path, view)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from None


def _check(path: Path, view: memoryview) -> Artifact:
    try:
        start, entries = read_zip(view)
        if next(iter(entries)) != "manifest.json":
            raise UserError("the seal's first entry is not manifest.json.")
        manifest = parse_manifest(entries.pop("manifest.json"))
        compute = view[: manifest.compute.size]
        header = seal_header(manifest.container, len(view) - start)
        if manifest.compute.size + len(header) != start or view[manifest.compute.size : start] != header:
            raise UserError(f"the compute bytes do not end where the seal begins (byte {start}).")
        if not starts_like(manifest.container, bytes(view[:8])):
            raise UserError(f"the compute bytes are not a {manifest.container} file.")
        _check_digest("the compute bytes", compute, manifest.compute)
        if set(entries) != set(manifest.entries):
            odd = ", ".join(sorted(set(entries) ^ set(manifest.entries)))
            raise UserError(f"the seal holds other entries than its manifest names: {shortened(odd, 300)}.")
        for name, data in entries.items():
            _check_digest(name, data, manifest.entries[name])
        for name in ("tokenizer.json", "golden.json"):
            if name not in entries:
                raise UserError(f"the seal lacks {name}.")
        artifact = Artifact(path, len(view), hashlib.sha256(view).hexdigest(), manifest, entries)
        # parsed here so that a bad entry is refused before a runtime starts
        _ = artifact.golden, artifact.tokenizer
        if manifest.tokenizer.wordpiece is not None:
            # not read here, where the reference tokenizer runs; but a file that a phone would refuse is refused here first
            check_normalizer(entries["normalizer.bin"])
            check_vocabulary(entries["vocab.txt"], manifest.tokenizer.wordpiece)
        return artifact
    except UserError as error:
        raise UserError(f"{path}: {error}{_advice(path, view)}") from None


def _check_digest(part: str, data: bytes | memoryview, expected: Digest) -> None:
    if len(data) != expected.size or hashlib.sha256(data).hexdigest() != expected.sha256:
        raise UserError(f"{part} differ from the sha256 in the manifest: the file is damaged; copy or export it again.")


def _advice(path: Path, view: memoryview) -> str:
    """What to do with a file that is a model, but not one of ours."""
    head, tail = bytes(view[:8]), bytes(view[-MAX_MANIFEST:])
    if head.startswith(b"PK\3\4"):
        return " It looks like an ordinary zip archive, or an app or document made of one, and not like a model."
    if b"PK\x05\x06" not in tail and any(starts_like(container, head) for container in CONTAINERS):
        return (
            f" It looks like a plain {path.suffix or 'model'} file without a tokenizer inside; "
            "`pocketbert export MODEL_FOLDER` makes sealed ones."
        )
    return ""
