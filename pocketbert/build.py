"""Everything a recipe says, stage after stage; what stands is skipped."""

from __future__ import annotations

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
    try:
        import torch  # noqa: F401  (asked for here so that a missing extra is named before any work)
        import transformers  # noqa: F401
    except ImportError as error:
        raise UserError(f"building needs {error.name}; `pip install 'pocketbert[all]'`.") from None
    with open_run(runs / recipe.name, say) as run:
        taught = teach_stage(recipe, run)
        floor = floor_stage(recipe, run, taught)
        student = distill_stage(recipe, run, taught)
        files = export_stage(recipe, run, taught, student)
        verified = verify_stage(recipe, run, taught, files)
        measured = bench_stage(recipe, run, taught, student, files)
        finished = Finished(recipe, taught, floor, student, files, verified, measured)
        report = report_stage(run, finished, command)
    sealed = tuple(files.folder / entry["file"] for entry in files.result["files"].values())
    return Built(sealed, report.folder / "report.html", report.result)
