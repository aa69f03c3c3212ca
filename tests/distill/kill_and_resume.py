"""Run by test_resume.py in a process of its own: stages on a small teacher, some of which die by SIGKILL.

usage: kill_and_resume.py RUNS: a JSON list of {stage, teacher, student, work, kill_at (the step of the process that kills it,
0: none), precision}; each runs in a child forked after the imports, which are most of the time. Prints the children's exit
codes as a JSON list.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch

from pocketbert.distill import training
from pocketbert.distill.find import train_with_search
from pocketbert.distill.finetune import finetune
from pocketbert.distill.intermediate import intermediate
from pocketbert.distill.options import IntermediateOptions, PredictionOptions, TrainOptions
from pocketbert.distill.prediction import prediction
from pocketbert.distill.search import Search
from pocketbert.tasks import read_examples, task_from_dict

LABELS = ["alarm", "music", "weather", "call", "lights"]


def run(stage: str, teacher: str, student: str, work: str, kill_at: int, precision: str) -> None:
    teacher, student, work = Path(teacher), Path(student), Path(work)
    torch.set_num_threads(1)
    if kill_at:
        _die_after(kill_at)
    task = task_from_dict({"kind": "classification", "labels": LABELS})
    examples = read_examples(work.parent / "data.tsv", task)
    train, dev = examples[:80], examples[80:]
    # 80 rows in batches of 16: 5 steps an epoch. Checkpoints fall inside epochs (3, 9) and on an end of one (15).
    keep = "last" if stage == "intermediate" else "best"
    options = TrainOptions(
        learning_rate=1e-3,
        epochs=3,
        batch_size=16,
        schedule="linear",
        warmup=0.1,
        patience=0,
        freeze_embeddings=False,
        keep=keep,
        precision=precision,
        seed=4,
        checkpoint_steps=3,
    )
    if stage == "patience":  # at this rate no score is better than the first
        options = replace(options, learning_rate=1e-12, patience=1)
    if stage == "search":
        # a trial of so short a run is as long as the run: 15 steps for each of two rates, and 15 with the better one
        def once(options: TrainOptions, out: Path, checkpoints: Path, words: str) -> dict:
            return finetune(student, train, dev, out, options, checkpoints, f"search{words}")

        wanted = Search((3e-3, 1e-3), (0.5,))
        report = train_with_search(once, options, wanted, (), 15, "accuracy", len(dev), 0.0, work / "out", work / "checkpoints")
    elif stage == "patience":
        report = finetune(student, train, dev, work / "out", options, work / "checkpoints")
    elif stage == "intermediate":
        chosen = IntermediateOptions(training=options)
        report = intermediate(teacher, student, train, work / "out", chosen, work / "checkpoints")
    else:
        # "together": the teacher runs in every step, and what its losses train is resumed too
        losses = {"cosine": {}, "hidden": {"weight": 0.5}} if stage == "together" else {}
        chosen = PredictionOptions(hard_label_weight=0.25, losses=losses, training=options)
        report = prediction(teacher, student, train, dev, work / "out", chosen, work / "checkpoints")
    (work / "report.json").write_text(json.dumps(report))


def _die_after(steps: int) -> None:
    watch, taken = training._Watcher.on_step_end, itertools.count(1)

    def on_step_end(self, args, state, control, **kwargs):
        watch(self, args, state, control, **kwargs)
        if next(taken) == steps:
            os.kill(os.getpid(), signal.SIGKILL)

    training._Watcher.on_step_end = on_step_end


if __name__ == "__main__":
    codes = []
    for arguments in json.loads(sys.argv[1]):
        child = os.fork()
        if not child:
            run(**arguments)
            os._exit(0)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(json.dumps(codes))
