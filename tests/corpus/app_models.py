"""Models for the app's own tests: one with other labels and two texts, and files that it must refuse with words."""

from __future__ import annotations

import shutil
from pathlib import Path

from sealing import edited, sealed_file

from pocketbert.recipe import Export
from pocketbert.stages.export import export_folder

ZIP = b"PK\x05\x06" + bytes(18)  # an archive without an entry


def write_app_models(folder: Path, pair_model: Path, work: Path) -> None:
    """Writes pair.onnx, future.onnx, other.onnx and archive.onnx.

    Args:
        folder: the fixtures' folder.
        pair_model: hand-over folder of a classifier of two texts.
        work: an empty folder for the export.
    """
    made = export_folder(pair_model, Export(formats=["onnx"]), work, lambda line: None, name="pair")
    shutil.copy(work / made["files"]["onnx"]["file"], folder / "pair.onnx")
    plain = sealed_file("onnx")
    (folder / "future.onnx").write_bytes(edited(plain, lambda manifest: manifest["format"].update(major=2)))
    (folder / "other.onnx").write_bytes(edited(plain, lambda manifest: manifest["task"].update(kind="tagging")))
    (folder / "archive.onnx").write_bytes(ZIP)
