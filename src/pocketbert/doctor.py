"""Everything that can fail later, looked at before anything trains."""

from __future__ import annotations

from pathlib import Path

from pocketbert.checks import data, failed, name_of, reason_of, run, student, teacher
from pocketbert.checks import recipe as recipes
from pocketbert.checks.source import read_source
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import Say
from pocketbert.stages.data import Tables, read_splits, task_of_train
from pocketbert.tasks import Task, UserError, worth
from pocketbert.tasks.worth import Finding


def run_doctor(recipe: Recipe, tables: Tables, folder: Path, say: Say) -> list[Finding]:
    """`findings_of`, with what is not ok shown.

    Raises:
        UserError: a check failed, so that a build would end later, or its result would be worthless.
    """
    from pocketbert.tables import finding_line

    findings = findings_of(recipe, tables, folder)
    for finding in findings:
        if finding.level != "ok":
            say(finding_line(finding))
    bad = worth.failed(findings)
    if bad:
        told = "\n".join(f"{finding.name}: {finding.detail}. To try: {finding.fix}" for finding in bad)
        raise UserError(f"the doctor stops here, before anything is trained:\n{told}")
    say(f"[green]✓[/] doctor: {summary_of(findings)}")
    return findings


def findings_of(recipe: Recipe, tables: Tables | None, folder: Path) -> list[Finding]:
    """What every check found, in order: of the recipe, of the data, of the models.

    Args:
        recipe: validated.
        tables: the recipe's files; None where they cannot be read: the recipe alone is looked at then.
        folder: the run folder, for its disk.
    """
    findings = run(recipes.CHECKS, recipe, folder)
    incomplete = any(finding.name == name_of(recipes.packages) for finding in worth.failed(findings))
    if tables is None or incomplete:  # without its packages no model can be looked at
        return findings
    try:
        task = _own_labels(recipe, task_of_train(recipe, tables))
        splits = read_splits(tables, task)
        source = read_source(recipe, splits)
    except UserError as error:
        return [*findings, unreadable(error)]
    findings += run(data.CHECKS, task, splits, tables)
    findings += run((*teacher.CHECKS, *student.CHECKS), recipe, task, splits, source)
    if not worth.failed(findings):
        findings += run(student.LAST_CHECKS, recipe, task, splits, source)
    return findings


def reasons() -> dict[str, str]:
    """Name of a check -> why it is made."""
    checks = (*recipes.CHECKS, *data.CHECKS, *teacher.CHECKS, *student.CHECKS, *student.LAST_CHECKS)
    return {name_of(check): reason_of(check) for check in checks}


def unreadable(error: UserError) -> Finding:
    """For data or a model that cannot be read at all: nothing else about them can be looked at."""
    found = failed(str(error).removesuffix("."), "what the message says; then `pocketbert doctor` again")
    return Finding("data and model can be read", found.level, found.detail, found.fix)


def summary_of(findings: list[Finding]) -> str:
    """`23 checks, 2 warnings, none failed`."""
    counts = {level: sum(finding.level == level for finding in findings) for level in ("warning", "failed")}
    checks = len({finding.name for finding in findings})
    warnings = f"{counts['warning'] or 'no'} warning{'s' * (counts['warning'] != 1)}"
    return f"{checks} checks, {warnings}, {counts['failed'] or 'none'} failed"


def _own_labels(recipe: Recipe, task: Task) -> Task:
    """A finished teacher's labels and their order; where they do not fit, the data's own (a check says so)."""
    from pocketbert.distill.disk import source_of
    from pocketbert.distill.teach import agreed_task

    if recipe.teacher.fine_tune:
        return task
    try:
        return agreed_task(source_of(locate(recipe.teacher.model)), task)
    except UserError:
        return task
