"""The sealed files measured on this machine, with baselines in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketbert.console import progress_bar
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.teach import Taught

ROOMS = ("pocketbert.tasks", "pocketbert.bench", "pocketbert.edge_export.artifact")


def bench_stage(recipe: Recipe, run: RunFolder, taught: Taught, student: StageResult, files: StageResult) -> StageResult:
    """Runs the stage `bench`: records.json.

    Raises:
        UserError: a file cannot be measured.
    """

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        from pocketbert.bench import Plan, measure, render

        wanted = recipe.bench
        paths = [files.folder / entry["file"] for entry in files.result["files"].values()]
        plan = Plan(
            threads=wanted.threads,
            min_runs=wanted.min_runs,
            min_seconds=wanted.min_seconds,
            texts=tuple(example.texts for example in taught.splits.dev.examples),
        )
        folders = {"teacher": taught.stage.folder / "model", "student": student.folder / "model"}
        run.say(f"  building baselines: {', '.join(wanted.baselines) or 'none'}")
        baselines = [_baseline(name, folders, checkpoints, wanted.threads) for name in wanted.baselines]
        with progress_bar("bench") as bar:
            records = measure(paths, plan, baselines, progress=bar)
        (out / "records.json").write_text(render(records, "json"), encoding="utf-8")
        found = [record.to_dict() for record in records]
        return {"records": found, "machine": found[0]["environment"]}

    inputs = {"files": files.hash, "student": student.hash, "teacher": taught.stage.hash, "bench": recipe.bench.model_dump()}
    return run.stage("bench", inputs, ROOMS, work)


def _baseline(name: str, folders: dict[str, Path], work: Path, threads: int):
    """Built here because the bench room has no torch; it gets a callable or a file."""
    import torch

    from pocketbert.bench import Baseline
    from pocketbert.edge_export.baselines import bert_base_onnx, onnxruntime_int8, torch_callable

    if name == "teacher":
        folder = folders["teacher"]
        size = (folder / "model.safetensors").stat().st_size
        return Baseline("teacher", f"PyTorch {torch.__version__} fp32", forward=torch_callable(folder, threads), bytes=size)
    if name == "onnxruntime":
        path = onnxruntime_int8(folders["student"], work / "onnxruntime.onnx")
        return Baseline("onnxruntime int8, fused", "onnxruntime", onnx=path, bytes=path.stat().st_size)
    path = bert_base_onnx(work / "bert-base.onnx")
    return Baseline("BERT-base shape fp32", "onnxruntime", onnx=path, bytes=path.stat().st_size)
