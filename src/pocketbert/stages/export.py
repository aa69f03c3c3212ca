"""The student's folder made into sealed files, its outputs on dev recorded for `verify`; and the teacher's, to compare with."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from pocketbert.console import progress_bar
from pocketbert.environment import LOWERING
from pocketbert.recipe import Export, Recipe
from pocketbert.run_folder import RunFolder, Say, StageResult
from pocketbert.stages.scoring import file_metrics
from pocketbert.tasks import Example, UserError

if TYPE_CHECKING:  # what other stages did comes in as values, and their code has no part in this one
    from pocketbert.edge_export.source import Source
    from pocketbert.stages.teach import Taught

MODULES = (__name__,)


def export_stage(recipe: Recipe, run: RunFolder, taught: Taught, student: StageResult) -> StageResult:
    """Runs the stage `files`.

    Raises:
        UserError: a lowering was refused, delegated too little, or a sealed file does not hold.
    """
    inputs = {
        "student": student.hash,
        "teacher": recipe.teacher.shown,
        "export": recipe.export.model_dump(exclude={"teacher"}),
        "name": recipe.name,
        "licence": recipe.data.licence,
    }

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

    return run.stage("files", inputs, MODULES, LOWERING, work)


def teacher_files_stage(recipe: Recipe, run: RunFolder, taught: Taught) -> StageResult | None:
    """Runs the stage `teacher-files`: the teacher exported as the student is, and scored on dev and test, to compare them.

    Its result is {"files": what `export_folder` says by container, with "metrics" by split, or {"failed": why}}: a teacher
    that cannot be exported is a finding and stops no build. None where the recipe leaves the comparison out.

    Raises:
        UserError: the disk is full.
    """
    if not recipe.export.teacher:
        return None
    inputs = {
        "teacher": [taught.stage.hash, recipe.teacher.shown],
        "export": recipe.export.model_dump(exclude={"teacher"}),
        "name": recipe.name,
        "licence": recipe.data.licence,
    }

    def work(out: Path, checkpoints: Path) -> dict[str, Any]:
        files: dict[str, Any] = {}
        for container in recipe.export.formats:
            try:
                files[container] = _teacher_file(recipe, taught, container, out, checkpoints / "files", run.say)
            except Exception as error:  # lowerings and runtimes raise what they like
                if any(isinstance(cause, OSError | MemoryError) for cause in (error, error.__context__)):
                    raise  # the machine's fault and not the teacher's
                files[container] = {"failed": str(error) or type(error).__name__}
                run.say(f"[yellow]! the teacher has no .{container} to compare with: {escape(files[container]['failed'])}[/]")
        return {"files": files}

    return run.stage("teacher-files", inputs, MODULES, LOWERING, work)


def _teacher_file(recipe: Recipe, taught: Taught, container: str, out: Path, finished: Path, say: Say) -> dict[str, Any]:
    """Exports the teacher to one container and scores the file."""
    wanted = recipe.export.model_copy(update={"formats": [container]})
    provenance = {"teacher": recipe.teacher.shown, "data_licence": recipe.data.licence or "unknown"}
    model, name = taught.stage.folder / "model", f"{recipe.name}-teacher"
    made = export_folder(model, wanted, out, say, name=name, provenance=provenance, finished=finished)["files"][container]
    splits = {split: found for split, found in taught.splits.named().items() if split != "train"}
    return made | {"metrics": {split: file_metrics(out / made["file"], found.examples) for split, found in splits.items()}}


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
    source: Source | None = None,
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
    from pocketbert.edge_export.encoder import exportable_parts
    from pocketbert.edge_export.export import prepare, score
    from pocketbert.edge_export.quantization import quantization
    from pocketbert.edge_export.reference import make_reference, write_reference
    from pocketbert.edge_export.source import load_source
    from pocketbert.tasks.files import write_file

    quantization(wanted.quantization)  # an unknown name is refused before anything is loaded
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file; name a folder for the sealed files.")
    source = source or load_source(model)
    name = name or source.name
    if wanted.static_length is not None:
        source = replace(source, max_length=wanted.static_length)  # the tokenizer is to cut there, no later
    exportable_parts(source.model, source.max_length)  # refuses before anything is computed
    say("  preparing tokenizer tables and golden vectors")
    with progress_bar("preparing"):
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
        entry = None if finished is None else _kept(target)
        if entry is None:
            with progress_bar(f"lowering to .{container}"):
                entry = _seal(prepared, target, container, wanted, metrics, provenance, say)
        if finished is not None:
            write_file(_note(target), json.dumps(entry).encode())
            shutil.copy2(target, out)
        files[container] = entry
        say(f"  [green]sealed[/] {target.name}, {entry['bytes'] / 1e6:.1f} MB")
    return {"files": files, "metrics": metrics}


def _seal(
    prepared: Any,
    target: Path,
    container: str,
    wanted: Export,
    metrics: dict[str, float],
    provenance: dict[str, Any] | None,
    say: Say,
) -> dict[str, Any]:
    """Makes one file and tells what was seen while it was made."""
    from pocketbert.edge_export.export import export_file
    from pocketbert.edge_export.quantization import quantization

    exported = export_file(
        prepared,
        target,
        container,
        quantization(wanted.quantization),
        static_length=wanted.static_length,
        mediapipe=wanted.mediapipe and container == "tflite",
        min_delegation=wanted.min_delegation,
        metrics=metrics,
        provenance=provenance,
        on_delegation=lambda container, delegation: say(_delegation_line(container, delegation)),
    )
    return {
        "file": target.name,
        "bytes": target.stat().st_size,
        "quantization_distance": exported.quantization_distance,
        "delegation": asdict(exported.delegation) | {"share": exported.delegation.share},
    }


def file_name(name: str, container: str, wanted: Export) -> str:
    """`intents.tflite`; another recipe than int8, a static length, or a file for MediaPipe says so."""
    parts = [name]
    if wanted.quantization != "int8":
        parts.append(wanted.quantization)
    if wanted.static_length is not None:
        parts.append(f"static{wanted.static_length}")
    if wanted.mediapipe and container == "tflite":
        parts.append("mediapipe")
    return ".".join([*parts, container])


def _note(target: Path) -> Path:
    """Where a stage under way keeps what was seen while a file was made."""
    return target.with_name(target.name + ".export.json")


def _kept(target: Path) -> dict[str, Any] | None:
    """What a killed run has finished of this file, None where it is not whole."""
    from pocketbert.edge_export.artifact import open_artifact

    try:
        open_artifact(target)
        return json.loads(_note(target).read_text(encoding="utf-8"))
    except (UserError, OSError, ValueError):
        return None


def _delegation_line(container: str, delegation) -> str:
    left = ", ".join(f"{name} x{count}" for name, count in delegation.left_over.items()) or "nothing"
    return (
        f"  .{container}: {delegation.share:.2%} of {delegation.macs / 1e6:.1f} M multiply-accumulates "
        f"({delegation.length} tokens) in {delegation.backend}, {delegation.partitions} partition(s); left over: {left}"
    )
