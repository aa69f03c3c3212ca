"""Everything a recipe says, stage after stage; what stands is skipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketbert.distill.options import AUTO
from pocketbert.distill.plan import Plan
from pocketbert.doctor import run_doctor
from pocketbert.recipe import Recipe
from pocketbert.run_folder import RunFolder, Say, open_run
from pocketbert.stages.augment import augment_pace_stage
from pocketbert.stages.bench import bench_stage
from pocketbert.stages.data import read_tables
from pocketbert.stages.distill import baseline_stage, distill_stage
from pocketbert.stages.export import export_stage, teacher_files_stage
from pocketbert.stages.ground import Ground, lay_ground
from pocketbert.stages.plan import make_plan, pace_stage, show_plan
from pocketbert.stages.report import Finished, report_stage
from pocketbert.stages.teach import teach_stage
from pocketbert.stages.verify import verify_stage
from pocketbert.stages.words import words_stage
from pocketbert.stages.worth import judge_the_student, judge_the_teacher, nothing_to_distil, show_in_card
from pocketbert.tasks.errors import NotWorth

NOT_WORTH_SHIPPING = NotWorth.exit_code
"""Exit code of a build whose files are whole and whose student is not good enough."""


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
        NotWorth: the teacher has learnt nothing; the report says so.
        UserError: from any stage; what is finished stays, and the same command goes on from there.
    """
    with open_run(runs / recipe.name, say) as run:
        ground, plan, doctor = prepare(recipe, run)
        taught = teach_stage(recipe, run, ground, plan)
        words = words_stage(run, taught)
        checks = judge_the_teacher(recipe, run, taught, words, plan)
        error = nothing_to_distil(checks)
        if error is not None:
            known = Finished(recipe, taught, words=words, plan=plan, checks=checks, doctor=doctor)
            run.say(f"report  {report_stage(run, known, command).folder / 'report.html'}")
            raise error
        baseline = baseline_stage(recipe, run, ground, taught, plan)
        distilled = distill_stage(recipe, run, taught, plan)
        checks += judge_the_student(recipe, run, taught, words, baseline, distilled, plan)
        show_in_card(distilled, checks)
        files = export_stage(recipe, run, taught, distilled.student)
        verified = verify_stage(recipe, run, taught, files)
        teacher_files = teacher_files_stage(recipe, run, taught)
        measured = bench_stage(recipe, run, taught, distilled.student, files, teacher_files)
        finished = Finished(
            recipe=recipe,
            taught=taught,
            baseline=baseline,
            distilled=distilled,
            files=files,
            verified=verified,
            measured=measured,
            teacher_files=teacher_files,
            words=words,
            checks=checks,
            doctor=doctor,
            plan=plan,
        )
        report = report_stage(run, finished, command)
    sealed = tuple(files.folder / entry["file"] for entry in files.result["files"].values())
    return Built(sealed, report.folder / "report.html", report.result)


def dry_run(recipe: Recipe, runs: Path, say: Say) -> None:
    """The doctor's findings and the plan, and nothing else; a build afterwards takes over what was measured for it."""
    with open_run(runs / recipe.name, say) as run:
        prepare(recipe, run)


def prepare(recipe: Recipe, run: RunFolder) -> tuple[Ground, Plan, list]:
    """Everything before the first training: the doctor's findings, the data, and the plan, each shown."""
    tables = read_tables(recipe, run.path / "data")
    doctor = run_doctor(recipe, tables, run.path, run.say)
    ground = lay_ground(recipe, tables)
    if recipe.max_length == AUTO:
        run.say(f"  texts: up to {ground.max_length} tokens (max_length: auto)")
    pace = pace_stage(recipe, run, ground)
    plan = make_plan(recipe, ground, pace, augment_pace=augment_pace_stage(recipe, run, ground))
    show_plan(run, plan)
    return ground, plan, doctor
