"""Model folders on disk: written whole or not at all, never over something that is not ours, and told apart by their content."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from pocketbert.tasks import UserError
from pocketbert.tasks.files import put_in_place, writing

# Weights (one file or shards), configuration and index, and vocabularies (vocab.txt, merges.txt, sentencepiece's .model).
DECIDING = (".safetensors", ".bin", ".json", ".txt", ".model")


@contextlib.contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of `out` when the block ends without an error.

    Raises:
        UserError: `out` is something that `check_replaceable` guards.
    """
    out = out.resolve()
    check_replaceable(out)
    part = out.with_name(f".{out.name}.writing")
    with writing(out):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        put_in_place(part, out)


def check_out(out: Path, inputs: Iterable[Path | str]) -> Path:
    """The absolute form of the folder that a command is to write; looked at before any work is done.

    Args:
        out: what the user named.
        inputs: files and folders that the command reads; what is not there (a hub id) is passed over.

    Raises:
        UserError: writing it would remove an input, the folder that the user stands in, or something that is not ours.
    """
    place = out.resolve()
    for given in map(Path, inputs):
        if given.exists() and given.resolve().is_relative_to(place):
            raise UserError(f"{out}: would take the place of {given}, which is read here; name another folder with --out.")
    if Path.cwd().is_relative_to(place):
        raise UserError(f"{out}: is replaced as a whole, and you are in it; name a folder inside it, such as --out {out}/model.")
    check_replaceable(place)
    return place


def check_replaceable(out: Path) -> None:
    """Raises a UserError where `out` is a file, or a folder with something in it that is no model folder of ours."""
    if not out.exists() or (out.is_dir() and (_is_ours(out) or not any(out.iterdir()))):
        return
    what = "holds files that are not a model of pocketbert's" if out.is_dir() else "is a file"
    raise UserError(f"{out}: {what}, and would be replaced; name a new folder, or remove this one first.")


def _is_ours(folder: Path) -> bool:
    try:
        keys = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return "pocketbert" in keys or "pocketbert_general" in keys
    except (OSError, ValueError, TypeError):
        return False


def source_of(model: str) -> str | Path:
    """A folder as a path, so that a missing file in it is not looked for on the hub; a hub id as it is."""
    return Path(model) if Path(model).is_dir() else model


def folder_fingerprint(folder: Path) -> str:
    """sha256 over configuration, tokenizer and weights of a model folder, in whatever files they are; of nothing for a hub id."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.glob("*") if path.suffix in DECIDING and path.is_file()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
