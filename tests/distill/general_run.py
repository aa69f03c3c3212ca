"""One run of general distillation: `python general_run.py TEACHER STUDENT CORPUS OUT`, alone or by torchrun; not a test.

With KILL_AFTER in the environment the process kills itself once so many checkpoints are whole.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import torch
from transformers import TrainerCallback

from pocketbert.distill import training
from pocketbert.distill.general import general
from pocketbert.distill.options import GeneralOptions, TrainOptions

OPTIONS = TrainOptions(
    learning_rate=2e-3,
    epochs=1,
    batch_size=8,
    warmup=0.1,
    patience=0,
    schedule="linear",
    freeze_embeddings=False,
    keep="last",
    precision="fp32",
    seed=3,
    checkpoint_steps=7,
)


class Killed(TrainerCallback):
    def on_save(self, args, state, control, **kwargs):
        if state.global_step >= 7 * int(os.environ["KILL_AFTER"]):
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    teacher, student, corpus, out = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    if "KILL_AFTER" in os.environ:
        made = training._StageTrainer.__init__

        def watched(self, *arguments, **options):
            made(self, *arguments, **options)
            self.add_callback(Killed())

        training._StageTrainer.__init__ = watched
    general(teacher, student, corpus, out, GeneralOptions(max_length=16, training=OPTIONS), Path(f"{out}.work"))


if __name__ == "__main__":
    main()
