"""Everything a recipe says, stage after stage; what stands is skipped."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from pocketbert.recipe import Recipe
from pocketbert.run_folder import Say, open_run
from pocketbert.stages.bench import bench_stage
from pocketbert.stages.distill import distill_stage, floor_stage
from pocketbert.stages.export import export_stage
from pocketbert.stages.report import Finished, report_stage
from pocketbert.stages.teach import teach_stage
from pocketbert.stages.verify import verify_stage
from pocketbert.tasks import UserError


@dataclass(frozen=True)
class Built:
    """Where a finished build's things are."""

    files: tuple[Path, ...]
    report: Path
    summary: dict


NEEDED = ("torch", "transformers", "accelerate", "safetensors", "matplotlib")
NEEDED_FOR = {
    "pte": ("executorch", "torchao"),
    "tflite": ("litert_torch", "ai_edge_quantizer", "flatbuffers"),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
}


def check_installed(recipe: Recipe) -> None:
    """Names what a stage of this recipe would miss, before the first one works for minutes.

    Raises:
        UserError: a package is missing.
    """
    wanted = [*NEEDED, *(name for container in recipe.export.formats for name in NEEDED_FOR[container])]
    if recipe.bench.baselines:
        wanted += NEEDED_FOR["onnx"]
    sources = (recipe.data.train, recipe.data.dev, recipe.data.test or "")
    if any(source.startswith("datasets:") or source.endswith(".parquet") for source in sources):
        wanted.append("datasets")
    missing = [name for name in dict.fromkeys(wanted) if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(f"this recipe needs {', '.join(missing)}; `pip install 'pocketbert[all]'`.")


def build(recipe: Recipe, runs: Path, command: str, say: Say) -> Built:
    """Runs all stages of a recipe in the folder `runs/NAME`.

    Args:
        recipe: validated.
        runs: folder of run folders.
        command: what the user typed, for the record.
        say: shows a line.

    Raises:
        UserError: from any stage; what is finished stays, and the same command goes on from there.
    """
    check_installed(recipe)
    with open_run(runs / recipe.name, say) as run:
        taught = teach_stage(recipe, run)
        floor = floor_stage(recipe, run, taught)
        distilled = distill_stage(recipe, run, taught)
        student = distilled.student
        files = export_stage(recipe, run, taught, student)
        verified = verify_stage(recipe, run, taught, files)
        measured = bench_stage(recipe, run, taught, student, files)
        finished = Finished(recipe, taught, floor, distilled, files, verified, measured)
        report = report_stage(run, finished, command)
    sealed = tuple(files.folder / entry["file"] for entry in files.result["files"].values())
    return Built(sealed, report.folder / "report.html", report.result)
