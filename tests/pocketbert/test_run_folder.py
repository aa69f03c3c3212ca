"""Stages: skipped while nothing changed, whole or not there, and going on after a kill."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import pytest

from pocketbert.run_folder import open_run
from pocketbert.tasks import UserError

MODULES = ("pocketbert.tasks",)


def quiet(_):
    pass


def test_a_stage_is_skipped_while_its_inputs_stand_and_redone_when_one_changes(tmp_path):
    calls = []

    def work(out, _):
        calls.append(1)
        (out / "made.txt").write_text(str(len(calls)))
        return {"n": len(calls)}

    with open_run(tmp_path, quiet) as run:
        first = run.stage("s", {"a": 1}, MODULES, (), work)
        again = run.stage("s", {"a": 1}, MODULES, (), work)
        assert len(calls) == 1 and again.result == first.result == {"n": 1} and again.hash == first.hash
        other = run.stage("s", {"a": 2}, MODULES, (), work)
        assert len(calls) == 2 and other.hash != first.hash and (tmp_path / "s" / "made.txt").read_text() == "2"


def test_a_change_of_the_code_redoes_a_stage(tmp_path, monkeypatch):
    asked = []

    def other(modules, alone):
        asked.append((modules, alone))
        return {"pocketbert.tasks": "changed"}

    with open_run(tmp_path, quiet) as run:
        first = run.stage("s", {}, MODULES, (), lambda out, _: 1)
        monkeypatch.setattr("pocketbert.run_folder.code_version", other)
        assert run.stage("s", {}, MODULES, (), lambda out, _: 2).hash != first.hash
    assert asked == [(MODULES, __name__)]  # the code beside the work counts too


def test_another_version_of_a_library_redoes_a_stage(tmp_path, monkeypatch):
    with open_run(tmp_path, quiet) as run:
        first = run.stage("s", {}, MODULES, ("numpy",), lambda out, _: 1)
        assert run.stage("s", {}, MODULES, ("numpy",), lambda out, _: 2).result == 1
        monkeypatch.setattr("pocketbert.run_folder.version_of", lambda name: "99")
        assert run.stage("s", {}, MODULES, ("numpy",), lambda out, _: 2).hash != first.hash


def test_a_failing_stage_leaves_the_old_one_and_its_checkpoints(tmp_path):
    def fails(out, checkpoints):
        (out / "half").write_text("x")
        (checkpoints / "step-10").write_text("state")
        raise UserError("broken")

    with open_run(tmp_path, quiet) as run:
        run.stage("s", {"v": 1}, MODULES, (), lambda out, _: (out / "whole").write_text("1"))
        with pytest.raises(UserError):
            run.stage("s", {"v": 2}, MODULES, (), fails)
        assert [p.name for p in (tmp_path / "s").iterdir() if p.name != "stage.json"] == ["whole"]
        seen = run.stage("s", {"v": 2}, MODULES, (), lambda out, checkpoints: (checkpoints / "step-10").read_text())
        assert seen.result == "state" and not (tmp_path / "work" / "s").exists()


def test_a_stages_seconds_hold_those_of_tries_that_were_killed(tmp_path):
    def fails(out, checkpoints):
        step = checkpoints / "step-10"
        step.write_text("state")
        later = step.stat().st_mtime + 100  # as a try of 100 seconds would leave it
        os.utime(step, (later, later))
        raise UserError("killed")

    with open_run(tmp_path, quiet) as run:
        for _ in range(2):
            with pytest.raises(UserError):
                run.stage("s", {}, MODULES, (), fails)
        assert run.stage("s", {}, MODULES, (), lambda out, _: 1).seconds == pytest.approx(200, abs=60)


def test_checkpoints_of_other_inputs_are_not_gone_on_from(tmp_path):
    def fails(out, checkpoints):
        (checkpoints / "step-10").write_text("state")
        raise UserError("broken")

    with open_run(tmp_path, quiet) as run:
        with pytest.raises(UserError):
            run.stage("s", {"v": 1}, MODULES, (), fails)
        assert run.stage("s", {"v": 2}, MODULES, (), lambda out, c: (c / "step-10").exists()).result is False


KILLED = """
import sys
from pathlib import Path
from pocketbert.run_folder import open_run
def work(out, checkpoints):
    (out / "half").write_text("x")
    print("at work", flush=True)
    sys.stdin.read()
with open_run(Path(sys.argv[1]), print) as run:
    run.stage("s", {}, ("pocketbert.tasks",), (), work)
"""


def test_kill_9_leaves_nothing_that_looks_whole_and_no_lock(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert "at work\n" in child.stdout
        with pytest.raises(UserError, match="another pocketbert command"), open_run(tmp_path, quiet):
            pass
        child.kill()
    assert not (tmp_path / "s").exists()
    with open_run(tmp_path, quiet) as run:
        assert run.stage("s", {}, MODULES, (), lambda out, _: sorted(p.name for p in out.iterdir())).result == []


def test_a_full_disk_is_a_message_and_the_stage_can_be_repeated(tmp_path):
    def full(out, _):
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_run(tmp_path, quiet) as run:
        with pytest.raises(UserError, match="is full .stage s.; free some space and run the same command"):
            run.stage("s", {}, MODULES, (), full)
        assert run.stage("s", {}, MODULES, (), lambda out, _: 1).result == 1


def test_a_damaged_record_is_as_good_as_none(tmp_path):
    with open_run(tmp_path, quiet) as run:
        run.stage("s", {}, MODULES, (), lambda out, _: 1)
        (tmp_path / "s" / "stage.json").write_text('{"hash": ')
        assert run.stage("s", {}, MODULES, (), lambda out, _: 2).result == 2
        assert json.loads((tmp_path / "s" / "stage.json").read_text())["result"] == 2
