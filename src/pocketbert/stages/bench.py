"""The sealed files measured on this machine, with baselines in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.bench import environment
from pocketbert.console import progress_bar
from pocketbert.environment import LOWERING
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult

if TYPE_CHECKING:  # what other stages did comes in as values, and their code has no part in this one
    from pocketbert.stages.teach import Taught

MODULES = (__name__,)

# The baseline's name in every table: a time of PyTorch in fp32 beside one of an int8 file must say so.
PYTORCH_TEACHER = "teacher in PyTorch, fp32"


def bench_stage(
    recipe: Recipe,
    run: RunFolder,
    taught: Taught,
    student: StageResult,
    files: StageResult,
    teacher_files: StageResult | None = None,
) -> StageResult:
    """Runs the stage `bench`: records.json. The student's files take turns with the teacher's, so that their ratios hold.

    Raises:
        UserError: a file cannot be measured.
    """

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.bench import Plan, bench, printed

        wanted = recipe.bench
        made = [stage for stage in (files, teacher_files) if stage is not None]
        paths = [stage.folder / entry["file"] for stage in made for entry in stage.result["files"].values() if "file" in entry]
        folders = {"teacher": taught.stage.folder / "model", "student": student.folder / "model"}
        run.say(f"  baselines: {', '.join(wanted.baselines) or 'none'}")
        plan = Plan(
            threads=wanted.threads,
            min_runs=wanted.min_runs,
            min_seconds=wanted.min_seconds,
            texts=tuple(example.texts for example in taught.splits.dev.examples),
            texts_from=taught.splits.dev.name,
            baselines=tuple(_baseline(name, folders, checkpoints, wanted.threads) for name in wanted.baselines),
        )
        with progress_bar("bench") as bar:
            records = bench(paths, plan, bar)
        (out / "records.json").write_text(printed(records, "json"), encoding="utf-8")
        found = [record.to_dict() for record in records]
        return {"records": found, "machine": found[0]["environment"]}

    machine = environment.before()
    inputs = {
        "machine": [machine.cpu, machine.cores],
        "files": files.hash,
        "teacher_files": None if teacher_files is None else teacher_files.hash,
        "student": student.hash,
        "teacher": taught.stage.hash,
        "bench": recipe.bench.model_dump(),
    }
    return run.stage("bench", inputs, MODULES, LOWERING, work)


def _baseline(name: str, folders: dict[str, Path], work: Path, threads: int):
    """Built here because the package bench has no torch; it gets a callable or a file."""
    import torch

    from pocketbert.bench import Baseline
    from pocketbert.edge_export.baselines import bert_base_onnx, onnxruntime_int8, torch_callable

    if name == "teacher":
        call = torch_callable(folders["teacher"], threads)
        return Baseline(PYTORCH_TEACHER, call=call, runtime=("PyTorch", torch.__version__))
    if name == "onnxruntime":
        path = onnxruntime_int8(folders["student"], work / "onnxruntime.onnx")
        return Baseline("onnxruntime", "the unmodified student, fused and int8 by onnxruntime", onnx=path)
    path = bert_base_onnx(work / "bert-base.onnx")
    return Baseline("bert-base", "BERT-base shape with random weights, fused, fp32", onnx=path)
