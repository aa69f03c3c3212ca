"""The summary of a build as JSON and as one HTML page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.distill import Distilled
from pocketbert.stages.teach import Taught

ROOMS = ("pocketbert.report", "pocketbert.stages")


@dataclass(frozen=True)
class Finished:
    """All stages of a build before its report."""

    recipe: Recipe
    taught: Taught
    floor: StageResult | None
    distilled: Distilled
    files: StageResult
    verified: StageResult
    measured: StageResult

    def stages(self) -> dict[str, StageResult]:
        """By the names that the report shows."""
        named = {"teacher": self.taught.stage, "floor": self.floor, "intermediate": self.distilled.intermediate}
        named |= {"student": self.distilled.student, "files": self.files, "verify": self.verified, "bench": self.measured}
        return {name: stage for name, stage in named.items() if stage is not None}


def report_stage(run: RunFolder, finished: Finished, command: str) -> StageResult:
    """Runs the stage `report`: summary.json and report.html."""
    inputs = {"stages": [stage.hash for stage in finished.stages().values()], "command": command}

    def work(out: Path, _: Path) -> dict[str, Any]:
        from pocketbert.report import write_report

        summary = summarize(finished, command)
        (out / "summary.json").write_text(summary_json(summary), encoding="utf-8")
        write_report(summary, out / "report.html")
        return summary

    return run.stage("report", inputs, ROOMS, ("matplotlib",), work)


def summary_json(summary: dict[str, Any]) -> str:
    """One key a line, so that two records can be compared, but a list of samples on one line."""
    indented = json.dumps(summary, indent=1, ensure_ascii=False)
    return re.sub(r"\[[\s\d.,e+-]+\]", lambda numbers: "".join(numbers[0].split()), indented) + "\n"


def summarize(finished: Finished, command: str) -> dict[str, Any]:
    """One JSON of everything that was seen; report, terminal and README tables are made from it alone."""
    from pocketbert.environment import versions

    recipe, taught, floor, student = finished.recipe, finished.taught, finished.floor, finished.distilled.student
    files, verified, measured = finished.files, finished.verified, finished.measured
    splits, rows = taught.splits.named(), {name: len(split.examples) for name, split in taught.splits.named().items()}
    rungs = [_rung("teacher", recipe.teacher.shown, taught.stage, rows)]
    if floor is not None:
        rungs.append(_rung("floor", "the same student, fine-tuned without distillation", floor, rows))
    rungs.append(_rung("student", "distilled, fp32", student, rows))
    described = [
        _file(container, entry, files.folder, verified.result[container]) for container, entry in files.result["files"].items()
    ]
    for file in described:
        figures = verified.result[file["container"]]["metrics"]
        rungs.append(
            {
                "rung": f"{file['container']} {file['quantization']}",
                "what": "sealed file",
                "file": file["file"],
                "parameters": student.result["parameters"],
                "bytes": file["bytes"],
                "dev": figures.get("dev"),
                "test": figures.get("test"),
                "rows": rows,
            }
        )
    return {
        "schema": 1,
        "name": recipe.name,
        "command": command,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": measured.result["machine"],
        "versions": versions(),
        "task": taught.task.to_dict(),
        "metric": taught.task.metric,
        "data": {name: {"name": split.name, "rows": len(split.examples)} for name, split in splits.items()},
        "ladder": rungs,
        "files": described,
        "bench": measured.result["records"],
        "warnings": taught.stage.result["report"].get("warnings", []),
        "seconds": {name: stage.seconds for name, stage in finished.stages().items()},
    }


def _rung(name: str, what: str, stage: StageResult, rows: dict[str, int]) -> dict[str, Any]:
    parameters = stage.result["parameters"]
    metrics = stage.result["metrics"]
    weights = (stage.folder / "model" / "model.safetensors").stat().st_size
    return {
        "rung": name,
        "what": what,
        "parameters": parameters,
        "bytes": weights,
        "dev": metrics.get("dev"),
        "test": metrics.get("test"),
        "rows": rows,
    }


def _file(container: str, entry: dict[str, Any], folder: Path, verdict: dict[str, Any]) -> dict[str, Any]:
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
        "tolerance": entry["tolerance"],
        "delegation": entry["delegation"],
        "checks": [dict(check) for check in verdict["checks"]],
        "passed": verdict["passed"],
    }
