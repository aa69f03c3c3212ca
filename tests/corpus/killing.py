"""Kills the command in the middle of a stage, whatever the machine's speed: the stage waits there until it is killed.

As a script, `killing.py STAGE ARGUMENT...` runs `pocketbert ARGUMENT...`. Where the stage trains it waits as soon as a checkpoint
is written, elsewhere when its work is done but the run folder has not taken it over. It says so on standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

WAITS = "waits in {}\n"


def killed_in(stage: str, arguments: list[str | Path], said: IO[str] | None = None) -> None:
    """Runs `pocketbert ARGUMENTS` until it is in the stage, and kills it there with SIGKILL.

    Args:
        stage: the name of a stage of the run folder.
        arguments: of the command line.
        said: a file that gets what the command says on standard error.

    Raises:
        AssertionError: the command ended without having come to the stage.
    """
    command = [sys.executable, __file__, stage, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True) as child:
        came = WAITS.format(stage) in child.stdout
        child.kill()
    assert came, f"pocketbert {arguments[0]} never came to {stage}"


def _wait(stage: str) -> None:
    print(WAITS.format(stage), end="", flush=True)
    sys.stdin.read()  # ends with the test, should that die without having killed this
    os._exit(1)


def _run(stage: str, arguments: list[str]) -> None:
    from pocketbert.cli import main
    from pocketbert.run_folder import RunFolder

    run_stage = RunFolder.stage

    def stage_that_waits(self, name, inputs, modules, libraries, work):
        def work_that_waits(out, checkpoints):
            from transformers.trainer_callback import CallbackHandler

            on_save = CallbackHandler.on_save  # called when the checkpoint is whole

            def saved(*given):
                on_save(*given)
                _wait(stage)

            CallbackHandler.on_save = saved
            work(out, checkpoints)
            _wait(stage)

        if name == stage:
            work_that_waits.__module__ = work.__module__  # whose code is part of the stage's hash
        return run_stage(self, name, inputs, modules, libraries, work_that_waits if name == stage else work)

    RunFolder.stage = stage_that_waits
    sys.argv[1:] = arguments
    main()


if __name__ == "__main__":
    _run(sys.argv[1], sys.argv[2:])
