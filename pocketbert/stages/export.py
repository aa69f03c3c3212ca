"""The student's folder made into sealed files, and its outputs on the dev data recorded for `verify`."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from pocketbert.recipe import Export, Recipe
from pocketbert.run_folder import RunFolder, Say, StageResult
from pocketbert.stages.teach import Taught
from pocketbert.tasks import Example, UserError

ROOMS = ("pocketbert.tasks", "pocketbert.edge_export")


def export_stage(recipe: Recipe, run: RunFolder, taught: Taught, student: StageResult) -> StageResult:
    """Runs the stage `files`.

    Raises:
        UserError: a lowering was refused, delegated too little, or a sealed file does not hold.
    """
    inputs = {"student": student.hash, "export": recipe.export.model_dump(), "name": recipe.name}

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        dev = taught.splits.dev
        teacher = np.load(taught.stage.folder / "dev_outputs.npy")
        provenance = {"teacher": recipe.teacher.shown, "data_licence": recipe.data.licence or "unknown"}
        return export_folder(
            student.folder / "model",
            recipe.export,
            out,
            run.say,
            name=recipe.name,
            data=(dev.name, dev.examples),
            teacher=teacher,
            provenance=provenance,
            finished=checkpoints / "files",
        )

    return run.stage("files", inputs, ROOMS, work)


def export_folder(
    model: Path | str,
    wanted: Export,
    out: Path,
    say: Say,
    *,
    name: str | None = None,
    data: tuple[str, list[Example]] | None = None,
    teacher: np.ndarray | None = None,
    provenance: dict[str, Any] | None = None,
    finished: Path | None = None,
    source: Any = None,
) -> dict[str, Any]:
    """Exports a model folder to every format wanted, into `out`.

    Args:
        model: a Hugging Face folder or id; ignored where `source` is given.
        wanted: formats and number formats.
        out: where the files go, and `reference.json` where there is data.
        say: shows a line.
        name: of the files; the model's where it is not given.
        data: (file name, labelled examples) to record the student's outputs on.
        teacher: float32 (rows, outputs) on the same examples, or None.
        provenance: more of it for the manifests.
        finished: folder in which files of a killed run already lie and are kept until all are done.
        source: the model, where the caller has loaded it already.

    Returns:
        {"files": what was made, by format, "metrics": the student's on the data}.
    """
    from pocketbert.edge_export.artifact.reader import open_artifact
    from pocketbert.edge_export.encoder import exportable_parts
    from pocketbert.edge_export.export import export_file, prepare, score
    from pocketbert.edge_export.quantization import quantization
    from pocketbert.edge_export.reference import make_reference, write_reference
    from pocketbert.edge_export.source import load_source

    recipe = quantization(wanted.quantization)
    source = source or load_source(model)
    name = name or source.name
    if wanted.static_length is not None:
        source = replace(source, max_length=wanted.static_length)  # the tokenizer is to cut there, no later
    exportable_parts(source.model, source.max_length)  # refuses before anything is computed
    say("  preparing tokenizer tables and golden vectors")
    prepared = prepare(source)
    metrics: dict[str, float] = {}
    if data is not None:
        reference = make_reference(source.task, data[0], data[1], score(prepared, data[1]), teacher)
        write_reference(out / "reference.json", reference)
        metrics = {f"student_{key}": value for key, value in reference.student_metrics.items()}
        metrics |= {f"teacher_{key}": value for key, value in reference.teacher_metrics.items()} | {"rows": float(len(data[1]))}
    files = {}
    for container in wanted.formats:
        target = (finished or out) / file_name(name, container, wanted)
        report = target.with_name(target.name + ".export.json")
        if finished is None or not _stands(target, report, open_artifact):
            exported = export_file(
                prepared,
                target,
                container,
                recipe,
                static_length=wanted.static_length,
                mediapipe=wanted.mediapipe and container == "tflite",
                min_delegation=wanted.min_delegation,
                metrics=metrics,
                provenance=provenance,
                on_delegation=lambda container, delegation: say(_delegation_line(container, delegation)),
            )
            entry = {"tolerance": exported.tolerance, "largest_difference": exported.largest_difference}
            _write_json(report, entry | {"delegation": asdict(exported.delegation) | {"share": exported.delegation.share}})
        files[container] = _read_json(report) | {"file": target.name, "bytes": target.stat().st_size}
        say(f"  [green]sealed[/] {target.name}, {target.stat().st_size / 1e6:.1f} MB")
    if finished is not None:
        for container in files:
            shutil.copy2(finished / files[container]["file"], out)
    for container in files:
        (out / f"{files[container]['file']}.export.json").unlink(missing_ok=True)
    return {"files": files, "metrics": metrics}


def file_name(name: str, container: str, wanted: Export) -> str:
    """`intents.tflite`; another recipe than int8, or a file for MediaPipe, says so."""
    mediapipe = ".mediapipe" if wanted.mediapipe and container == "tflite" else ""
    return f"{name}{'' if wanted.quantization == 'int8' else '.' + wanted.quantization}{mediapipe}.{container}"


def _stands(target: Path, report: Path, open_artifact) -> bool:
    """Whether a killed run has finished this file."""
    try:
        open_artifact(target)
        return report.is_file()
    except UserError:
        return False


def _delegation_line(container: str, delegation) -> str:
    left = ", ".join(f"{name} x{count}" for name, count in delegation.left_over.items()) or "nothing"
    return (
        f"  .{container}: {delegation.share:.2%} of {delegation.macs / 1e6:.1f} M multiply-accumulates "
        f"({delegation.length} tokens) in {delegation.backend}, {delegation.partitions} partition(s); left over: {left}"
    )


def _write_json(path: Path, content: dict[str, Any]) -> None:
    import json

    from pocketbert.edge_export.artifact.seal import write_atomically

    write_atomically(path, json.dumps(content).encode())


def _read_json(path: Path) -> dict[str, Any]:
    import json

    return json.loads(path.read_text(encoding="utf-8"))
