"""The summary of a build as JSON and as one HTML page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult

if TYPE_CHECKING:  # what other stages did comes in as values, and their code has no part in this one
    from pocketbert.distill.plan import Plan
    from pocketbert.stages.distill import Distilled
    from pocketbert.stages.teach import Taught
    from pocketbert.tasks.worth import Finding

MODULES = (__name__,)


@dataclass(frozen=True)
class Finished:
    """All stages of a build before its report.

    Args:
        recipe: what was wanted.
        taught: the finished teacher.
        distilled, files, verified, measured: finished stages; None in a build that ended at its teacher.
        baseline, teacher_files, words: those that the recipe may leave out; `words` is the bag of words, whose result has
            its "metrics" by split.
        plan: what was going to be done; None where nobody planned.
        checks: of teacher and student, whether they are worth shipping.
        doctor: what was found before the training.
    """

    recipe: Recipe
    taught: Taught
    baseline: StageResult | None = None
    distilled: Distilled | None = None
    files: StageResult | None = None
    verified: StageResult | None = None
    measured: StageResult | None = None
    teacher_files: StageResult | None = None
    words: StageResult | None = None
    plan: Plan | None = None
    checks: Sequence[Finding] = ()
    doctor: Sequence[Finding] = ()

    def stages(self) -> dict[str, StageResult]:
        """By the names that the report shows."""
        named = {"teacher": self.taught.stage, "bag of words": self.words, "baseline": self.baseline}
        if self.distilled is not None:
            named |= {"more texts": self.distilled.augmented, "choice": self.distilled.choice}
            named |= {"intermediate": self.distilled.intermediate, "student": self.distilled.student}
        named |= {"files": self.files, "verify": self.verified, "teacher files": self.teacher_files, "bench": self.measured}
        return {name: stage for name, stage in named.items() if stage is not None}


def report_stage(run: RunFolder, finished: Finished, command: str) -> StageResult:
    """Runs the stage `report`: summary.json and report.html."""
    inputs = {
        "stages": [stage.hash for stage in finished.stages().values()],
        "findings": [asdict(finding) for finding in (*finished.checks, *finished.doctor)],
        "plan": None if finished.plan is None else finished.plan.to_dict(),
        "command": command,
    }

    def work(out: Path, _: Path) -> dict[str, Any]:
        from pocketbert.report import write_report

        summary = summarize(finished, command)
        (out / "summary.json").write_text(summary_json(summary), encoding="utf-8")
        write_report(summary, out / "report.html")
        return summary

    return run.stage("report", inputs, MODULES, ("matplotlib",), work)


def summary_json(summary: dict[str, Any]) -> str:
    """One key a line, so that two records can be compared, but a list of samples on one line."""
    indented = json.dumps(summary, indent=1, ensure_ascii=False)
    return re.sub(r"\[[\s\d.,e+-]+\]", lambda numbers: "".join(numbers[0].split()), indented) + "\n"


def summarize(finished: Finished, command: str) -> dict[str, Any]:
    """One JSON of everything that was seen; report, terminal and README tables are made from it alone."""
    from pocketbert.bench.environment import before, to_plain
    from pocketbert.environment import versions
    from pocketbert.report import NOT_WORTH, SCHEMA, WORTH

    recipe, taught, measured = finished.recipe, finished.taught, finished.measured
    failed = any(finding.level == "failed" for finding in finished.checks)
    described = _files(finished.files)
    for file in described:
        verdict = _result(finished.verified)[file["container"]]
        file |= {"checks": [dict(check) for check in verdict["checks"]], "passed": verdict["passed"]}
    teachers = _files(finished.teacher_files)
    return {
        "schema": SCHEMA,
        "name": recipe.name,
        "command": command,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": to_plain(before()) if measured is None else measured.result["machine"],
        "versions": versions(),
        "task": taught.task.to_dict(),
        "metric": taught.task.metric,
        "data": {name: {"name": split.name, "rows": len(split.examples)} for name, split in taught.splits.named().items()},
        "models": _models(finished, described, teachers),
        "files": described,
        "teacher_files": teachers,
        "bench": [] if measured is None else measured.result["records"],
        "checks": [asdict(finding) for finding in finished.checks],
        "standing": NOT_WORTH if failed else WORTH,
        "doctor": [asdict(finding) for finding in finished.doctor],
        "training": _training(finished),
        "augment": {} if finished.distilled is None else _result(finished.distilled.augmented),
        "warnings": taught.stage.result["report"].get("warnings", []),
        "seconds": {name: stage.seconds for name, stage in finished.stages().items()},
    }


def _models(finished: Finished, files: list[dict[str, Any]], teachers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bag of words, teacher and its files, baseline, student and its files."""
    taught, found = finished.taught.stage, []
    if finished.words is not None:
        words = finished.words.result
        found.append(_model("bag of words", words["what"], words["metrics"]))
    found.append(_trained("teacher", finished.recipe.teacher.shown, taught))
    for file in teachers:
        what = "the teacher, exported as the student is" if "file" in file else f"cannot be exported: {file['failed']}"
        metrics = _result(finished.teacher_files)["files"][file["container"]].get("metrics", {})
        precision = finished.recipe.export.quantization
        found.append(_model("teacher", what, metrics, taught.result["parameters"], {"quantization": precision} | file))
    if finished.baseline is not None:
        found.append(_trained("baseline", "the same student, fine-tuned without distillation", finished.baseline))
    if finished.distilled is None:
        return found
    student = finished.distilled.student
    found.append(_trained("student", "distilled", student))
    for file in files:
        metrics = _result(finished.verified)[file["container"]]["metrics"]
        found.append(_model("student", "sealed file", metrics, student.result["parameters"], file))
    return found


def _trained(kind: str, what: str, stage: StageResult) -> dict[str, Any]:
    weights = (stage.folder / "model" / "model.safetensors").stat().st_size
    return _model(kind, what, stage.result["metrics"], stage.result["parameters"], {"quantization": "fp32", "bytes": weights})


def _model(
    kind: str, what: str, metrics: dict[str, Any], parameters: int | None = None, file: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One entry of `models`; report/comparison.py says what its keys mean."""
    entry, file = {"model": kind, "what": what, "parameters": parameters}, file or {}
    entry |= {"container": file.get("container"), "precision": file.get("quantization"), "file": file.get("file")}
    entry |= {"bytes": file.get("bytes"), "dev": metrics.get("dev"), "test": metrics.get("test")}
    return entry | ({"failed": file["failed"]} if "failed" in file else {})


def _training(finished: Finished) -> dict[str, Any]:
    """Stage -> {"choices": what auto chose, among what and why, "planned_minutes", "minutes": as it was}."""
    if finished.plan is None:
        return {}
    plan, done = finished.plan, finished.stages()
    found = {}
    for name, planned in plan.stages.items():
        choices, seconds, stage = [choice.to_dict() for choice in planned.choices], planned.seconds, done.get(name)
        taken = [] if stage is None else [stage.seconds]
        if name == "student" and finished.distilled is not None:  # what was tried for it has a stage of its own
            tried = finished.distilled.choice
            choices += [] if tried is None else tried.result["choices"]
            seconds += plan.compare_seconds
            taken += [] if tried is None else [tried.seconds]
        elif stage is not None:
            choices += stage.result.get("report", {}).get("choices", [])
        found[name] = {"choices": choices, "planned_minutes": _minutes([seconds]), "minutes": _minutes(taken)}
    last = [stage.seconds for name, stage in done.items() if name in ("files", "verify", "teacher files", "bench")]
    finish = {"choices": [], "planned_minutes": _minutes([plan.finish_seconds]), "minutes": _minutes(last)}
    return found | {"files, verify, bench": finish}


def _minutes(seconds: Sequence[float]) -> float | None:
    """Of several stages together; None where there are none."""
    return round(sum(seconds) / 60, 3) if seconds else None


def _result(stage: StageResult | None) -> dict[str, Any]:
    return {} if stage is None else stage.result


def _files(stage: StageResult | None) -> list[dict[str, Any]]:
    """What a stage made; what it could not make says why."""
    if stage is None:
        return []
    return [
        {"container": container, "failed": entry["failed"]} if "failed" in entry else _file(container, entry, stage.folder)
        for container, entry in stage.result["files"].items()
    ]


def _file(container: str, entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    """One entry of `files` and `teacher_files`."""
    from pocketbert.edge_export.artifact import open_artifact

    artifact = open_artifact(folder / entry["file"])
    parts = {"compute": artifact.manifest.compute.size} | {name: part.size for name, part in artifact.manifest.entries.items()}
    return {
        "container": container,
        "file": entry["file"],
        "bytes": artifact.size,
        "sha256": artifact.sha256,
        "parts": parts,
        "quantization": artifact.manifest.quantization.recipe,
        "quantization_distance": entry["quantization_distance"],
        "delegation": entry["delegation"],
    }
