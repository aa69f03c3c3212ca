"""One cell of a study: stages of run folders, each skipped while it stands, and what the record keeps of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pocketbert.distill.plan import Plan, Planned
from pocketbert.environment import RUNTIMES
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, Say, StageResult
from pocketbert.stages.augment import augment_pace_stage
from pocketbert.stages.data import Tables, read_tables
from pocketbert.stages.distill import Distilled, baseline_stage, distill_stage
from pocketbert.stages.export import export_stage
from pocketbert.stages.ground import Ground, lay_ground
from pocketbert.stages.plan import make_plan, pace_stage
from pocketbert.stages.scoring import file_metrics
from pocketbert.stages.teach import Taught, teach_stage
from pocketbert.stages.words import words_stage
from pocketbert.stages.worth import judge_the_student, judge_the_teacher, nothing_to_distil
from pocketbert.study.cells import ROWS_SEED, Cell, auto_of, baseline_folder, baseline_of, teacher_folder, teacher_of
from pocketbert.tasks import targets_of
from pocketbert.tasks.worth import commonest_label, failed


def walk(cell: Cell, cells: Sequence[Cell], folder: Path, formats: Sequence[str], say: Say, found: dict[str, Any]) -> None:
    """Runs what is missing of a cell, and tells what it came to.

    Args:
        cell: one of `cells`.
        cells: all of the study: they say what is shared.
        folder: of the study.
        formats: of the files of a variant.
        say: shows a line.
        found: gets one key after the other, so that what came before an error is known.

    Raises:
        UserError: from any stage.
    """
    tables, of = _cut(read_tables(cell.recipe, folder / "data" / cell.data), cell.rows)
    ground = lay_ground(cell.recipe, tables)
    task = ground.task
    found["task"], found["metric"] = {"kind": task.kind, "pair": task.pair, "outputs": task.outputs}, task.metric
    found["rows"] = {name: len(split.examples) for name, split in ground.splits.named().items()} | {"train_of": of}
    found["models"] = {"commonest": {"metrics": _commonest(ground)}}
    found["seconds"], found["choices"] = {}, {}
    own = RunFolder(folder / cell.folder, say)
    sharer = cell if cell.kind == "variant" else auto_of(cell, cells)  # a grid's models are of the size of auto's

    def plan(owner: Cell, recipe: Recipe, *only: str) -> Plan:
        pace = pace_stage(owner.recipe, RunFolder(folder / baseline_folder(owner, cells), say), ground)
        found["seconds"]["pace"] = pace.seconds
        slow = augment_pace_stage(recipe, RunFolder(folder / owner.folder, say), ground)
        return make_plan(recipe, ground, pace, only or None, slow)

    if cell.kind == "teacher":
        _teacher(cell.recipe, own, ground, plan(sharer, cell.recipe, "teacher"), found)
        return
    leader = teacher_of(sharer, cells)
    run = RunFolder(folder / teacher_folder(sharer, cells), say)
    planned = plan(leader, leader.recipe)
    taught = _teacher(leader.recipe, run, ground, planned, found)
    if cell.kind == "student":
        planned = plan(sharer, cell.recipe, "student")
        _student(distill_stage(cell.recipe, own, taught, planned), planned, found)
        return
    words = words_stage(run, taught)
    found["models"]["bag of words"] = {"metrics": words.result["metrics"]}
    found["seconds"]["bag of words"] = words.seconds
    checks = judge_the_teacher(cell.recipe, run, taught, words, planned)
    error = nothing_to_distil(checks)
    if error is not None:
        raise error
    first = baseline_of(cell, cells)
    planned = plan(first, first.recipe)
    baseline = baseline_stage(first.recipe, RunFolder(folder / baseline_folder(cell, cells), say), ground, taught, planned)
    if baseline is not None:
        _trained("baseline", baseline, planned.stages["baseline"], baseline.result["report"], found)
    planned = plan(cell, cell.recipe)
    found["plan"] = {"minutes": round(planned.seconds / 60, 1), "said": planned.said}
    distilled = distill_stage(cell.recipe, own, taught, planned)
    _student(distilled, planned, found)
    checks = checks + judge_the_student(cell.recipe, own, taught, words, baseline, distilled, planned)
    found["findings"] = [asdict(finding) for finding in checks if finding.level != "ok"]
    found["worth"] = not failed(checks)
    if formats:
        _files(cell.recipe, formats, own, taught, distilled.student, found)


def _cut(tables: Tables, rows: int | None) -> tuple[Tables, int]:
    """(tables with so many rows of train, in their order; how many there were)."""
    train = tables.train
    count = len(train.rows)
    if rows is None or rows >= count:
        return tables, count
    kept = sorted(random.Random(ROWS_SEED).sample(range(count), rows))
    cut = replace(train, rows=tuple(train.rows[i] for i in kept), lines=tuple(train.lines[i] for i in kept))
    return replace(tables, train=cut), count


def _commonest(ground: Ground) -> dict[str, dict[str, float]]:
    """What always saying the commonest label of train, or the mean, comes to on each split."""
    train = targets_of(ground.splits.train.examples)
    others = {name: targets_of(split.examples) for name, split in ground.splits.named().items() if name != "train"}
    return {name: commonest_label(ground.task, train, targets) for name, targets in others.items()}


def _teacher(recipe: Recipe, run: RunFolder, ground: Ground, plan: Plan, found: dict[str, Any]) -> Taught:
    taught = teach_stage(recipe, run, ground, plan)
    _trained("teacher", taught.stage, plan.stages.get("teacher"), taught.stage.result["report"], found)
    return taught


def _student(distilled: Distilled, plan: Plan, found: dict[str, Any]) -> None:
    report = dict(distilled.student.result["report"])
    if distilled.choice is not None:
        found["seconds"]["choice"] = distilled.choice.seconds
        report["choices"] = [*distilled.choice.result["choices"], *report.get("choices", ())]
    if distilled.intermediate is not None:
        found["seconds"]["intermediate"] = distilled.intermediate.seconds
        found["choices"]["intermediate"] = _choices(plan.stages["intermediate"], {})
    _trained("student", distilled.student, plan.stages["student"], report, found)
    models = found["models"]
    found["kept"] = _shares(models["student"]["metrics"], models["teacher"]["metrics"], found["metric"])


def _trained(name: str, stage: StageResult, planned: Planned | None, report: dict[str, Any], found: dict[str, Any]) -> None:
    found["models"][name] = {key: stage.result[key] for key in ("metrics", "parameters", "shape")}
    found["seconds"][name] = stage.seconds
    if planned is not None:  # a teacher that is taken as it is has no plan
        found["choices"][name] = _choices(planned, report)


def _choices(planned: Planned, report: dict[str, Any]) -> list[dict[str, Any]]:
    """What sizes decided, then what dev did."""
    return [*(choice.to_dict() for choice in planned.choices), *report.get("choices", ())]


def _shares(student: dict[str, dict], teacher: dict[str, dict], metric: str) -> dict[str, float]:
    """Share of the teacher's metric that the student keeps, by split; none where the teacher has nothing to keep."""
    return {split: part[metric] / teacher[split][metric] for split, part in student.items() if teacher[split][metric] > 0}


def _files(
    recipe: Recipe, formats: Iterable[str], run: RunFolder, taught: Taught, student: StageResult, found: dict[str, Any]
) -> None:
    """Seals the student and scores each file. A file that loses too much is a figure here, and no error."""
    export = recipe.export.model_copy(update={"formats": list(formats), "teacher": False})
    files = export_stage(recipe.model_copy(update={"export": export}), run, taught, student)
    scored = {name: split for name, split in taught.splits.named().items() if name != "train"}

    def work(_out: Path, _checkpoints: Path) -> dict[str, Any]:
        return {
            container: {name: file_metrics(files.folder / entry["file"], split.examples) for name, split in scored.items()}
            for container, entry in files.result["files"].items()
        }

    inputs = {"files": files.hash, "data": {name: split.fingerprint for name, split in scored.items()}}
    scores = run.stage("scores", inputs, ("pocketbert.stages.scoring",), RUNTIMES, work)
    found["seconds"] |= {"files": files.seconds, "scores": scores.seconds}
    for container, entry in files.result["files"].items():
        name = f".{container} {export.quantization}"
        found["models"][name] = {"metrics": scores.result[container], "bytes": entry["bytes"]}
