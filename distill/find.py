"""A training whose rate is sought first: short trials, then the whole run with the winner."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pocketbert.distill.auto import Choice, noise
from pocketbert.distill.disk import write_file
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.search import Found, Search, scored, search, trial_rate, trial_share

# (how to train, folder for the model, folder for checkpoints, words for the bar) -> report with "dev": metrics by name
Train = Callable[[TrainOptions, Path, Path, str], dict[str, Any]]


def find_rate(
    train: Train, options: TrainOptions, wanted: Search, steps: int, metric: str, rows: int, trivial: float, checkpoints: Path
) -> Found:
    """Ranks the rates of `wanted` by short runs with a whole schedule of their own.

    Args:
        train: runs a stage from its start.
        options: of the whole run; its rate is not looked at.
        wanted: rates and rounds.
        steps: of the whole run.
        metric: name of the dev metric.
        rows: of dev.
        trivial: dev score of a model that has learnt nothing.
        checkpoints: folder of the stage; trials keep their own folders in it while they run.
    """

    def trial(rate: float, share: float) -> float:
        folder = checkpoints / f"trial-{rate:g}-{share:.3f}"
        part = trial_share(share, steps)
        epochs = options.epochs * part
        short = replace(options, learning_rate=trial_rate(rate, part), epochs=epochs, patience=0, keep="last")
        score = scored(lambda: train(short, folder / "model", folder, f", trying rate {rate:g}")["dev"][metric])
        shutil.rmtree(folder, ignore_errors=True)
        return score

    return search(wanted, trial, rows, trivial, checkpoints)


def train_with_search(
    train: Train,
    options: TrainOptions,
    wanted: Search | None,
    steps: int,
    metric: str,
    rows: int,
    trivial: float,
    out: Path,
    checkpoints: Path,
) -> dict[str, Any]:
    """Trains into `out`; where a rate is sought, the best of a short search is taken.

    A rate that did well in a short run can fail in a long one: then the next lower one gets its turn, and the better one stays.

    Returns:
        The report of the run that stays, with "choices": what was decided here.
    """
    if wanted is None:
        return train_once(train, options, out, checkpoints) | {"choices": []}
    found = find_rate(train, options, wanted, steps, metric, rows, trivial, checkpoints)
    rate, why = found.ranking[0], found.why
    place = checkpoints / "whole"
    report = _once(train, replace(options, learning_rate=rate), place, "")
    lower = max((other for other in wanted.arms if other < rate), default=None)
    if lower is not None and _failed(report["dev"][metric], found, trivial, rows):
        again = _once(train, replace(options, learning_rate=lower), checkpoints / "again", f", again with rate {lower:g}")
        if again["dev"][metric] > report["dev"][metric]:
            why = f"the whole run at {rate:g} scored {report['dev'][metric]:.4f} on dev, less than its trial promised"
            place, report, rate = checkpoints / "again", again, lower
    shutil.copytree(place / "model", out, dirs_exist_ok=True)
    return report | {"choices": [Choice("learning_rate", rate, why, found.among).to_dict()]}


def train_once(train: Train, options: TrainOptions, out: Path, checkpoints: Path) -> dict[str, Any]:
    """Trains into `out`; killed after the training, a stage finds its finished run in `checkpoints`."""
    report = _once(train, options, checkpoints / "whole", "")
    shutil.copytree(checkpoints / "whole" / "model", out, dirs_exist_ok=True)
    return report


def _once(train: Train, options: TrainOptions, folder: Path, words: str) -> dict[str, Any]:
    """Trains into the folder; after a kill a finished run is not repeated."""
    note = folder / "report.json"
    if not note.is_file() or not (folder / "model").is_dir():
        report = train(options, folder / "model", folder, words)
        write_file(note, json.dumps(report).encode())
    return json.loads(note.read_text(encoding="utf-8"))


def _failed(score: float, found: Found, trivial: float, rows: int) -> bool:
    return score <= trivial or score < found.best - noise(found.best, rows)
