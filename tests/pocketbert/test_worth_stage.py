"""A teacher that knows nothing ends a build with the exit code of what is not worth shipping."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from pocketbert import cli
from pocketbert.build import NOT_WORTH_SHIPPING
from pocketbert.recipe import Recipe
from pocketbert.run_folder import StageResult, open_run
from pocketbert.stages.worth import judge_the_teacher, nothing_to_distil
from pocketbert.tasks import Classification, Example, UserError
from pocketbert.tasks.errors import NotWorth

TARGETS = [0] * 6 + [1] * 4


def judged(tmp_path, answers: list[int]):
    """The teacher's answers on dev judged beside a bag of words that is always wrong."""
    examples = [Example((str(row),), target, row) for row, target in enumerate(TARGETS, 1)]
    splits = SimpleNamespace(
        train=SimpleNamespace(examples=examples), dev=SimpleNamespace(examples=examples), unlabelled=[]
    )
    stages = {}
    for name, said in (("teacher", answers), ("words", [1 - target for target in TARGETS])):
        folder = tmp_path / name
        folder.mkdir()
        np.save(folder / "dev_outputs.npy", np.eye(2, dtype=np.float32)[said])
        stages[name] = StageResult(folder, name, {"shape": {"num_hidden_layers": 2}}, 0.0)
    taught = SimpleNamespace(task=Classification(("no", "yes")), splits=splits, stage=stages["teacher"])
    recipe = Recipe(name="x", data={"train": "a", "dev": "b"}, teacher={"model": "m"})
    plan = SimpleNamespace(budget_seconds=600.0, scale=1.0)
    lines: list[str] = []
    with open_run(tmp_path / "run", lines.append) as run:
        return judge_the_teacher(recipe, run, taught, stages["words"], plan), lines


def test_a_teacher_that_always_says_the_commonest_label_ends_the_build(tmp_path):
    findings, lines = judged(tmp_path, [0] * 10)
    error = nothing_to_distil(findings)
    assert isinstance(error, NotWorth)
    assert re.search("learnt nothing that could be distilled: accuracy 0.6000.* To try: teacher", str(error))
    assert "goes on" not in "".join(lines)


def test_a_teacher_that_knows_more_goes_on(tmp_path):
    findings, lines = judged(tmp_path, [0] * 6 + [1] * 3 + [0])
    assert [finding.level for finding in findings] == ["ok", "ok"] and len(lines) == 2
    assert nothing_to_distil(findings) is None


@pytest.mark.parametrize(("error", "code"), [(NotWorth("weak"), NOT_WORTH_SHIPPING), (UserError("broken"), 1)])
def test_the_command_exits_as_the_error_says(monkeypatch, error, code):
    def fails():
        raise error

    monkeypatch.delenv("POCKETBERT_TRACEBACK", raising=False)
    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code and NOT_WORTH_SHIPPING == 3
