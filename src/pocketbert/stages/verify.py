"""Every sealed file held against student and teacher; a drop past the recipe's limits stops the build."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.console import progress_bar
from pocketbert.environment import RUNTIMES
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, StageResult
from pocketbert.stages.scoring import file_metrics
from pocketbert.tasks import UserError

if TYPE_CHECKING:  # what other stages did comes in as values, and their code has no part in this one
    from pocketbert.stages.teach import Taught

MODULES = (__name__,)


def verify_stage(recipe: Recipe, run: RunFolder, taught: Taught, files: StageResult) -> StageResult:
    """Runs the stage `verify`; each file gets its FILE.verify.json beside it, also when it fails.

    Raises:
        UserError: a file fails; its failed checks are named.
    """

    def work(out: Path, _: Path) -> dict[str, Any]:
        run.remove("report")  # an earlier build's: should these files fail, it would still say that all is well
        from pocketbert.edge_export.reference import read_reference
        from pocketbert.edge_export.verify import Limits, verify, write_verdict
        from pocketbert.tables import verdict_table

        reference = read_reference(files.folder / "reference.json")
        limits = Limits(recipe.verify.points, recipe.verify.rows)
        found, failed = {}, []
        for container, entry in files.result["files"].items():
            path = files.folder / entry["file"]
            with progress_bar(f"verify {path.name}") as bar:
                verdict = verify(path, taught.splits.dev.examples, reference, limits, progress=bar)
            write_verdict(path, verdict)
            run.say(verdict_table(verdict))
            found[container] = verdict.to_dict() | {"metrics": {"dev": _metrics(verdict)}}
            if taught.splits.test is not None:
                found[container]["metrics"]["test"] = file_metrics(path, taught.splits.test.examples)
            failed += [f"{path.name}: {check.name}: {check.detail}" for check in verdict.checks if check.passed is False]
        if failed:
            raise UserError("verification failed; do not ship these files:\n" + "\n".join(failed))
        return found

    return run.stage("verify", {"files": files.hash, "verify": recipe.verify.model_dump()}, MODULES, RUNTIMES, work)


def _metrics(verdict) -> dict[str, float]:
    check = next(check for check in verdict.checks if check.name == "metric")
    return {name.removeprefix("file_"): value for name, value in check.figures.items() if name.startswith("file_")}
