"""A training whose rate is sought first: short trials, then the whole run with the winner."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pocketbert.distill.auto import Choice, noise
from pocketbert.distill.options import Settled, TrainOptions
from pocketbert.distill.search import LEAST_SCORE, TRYING, Diverged, Found, Search, scored, search, trial_rate, trial_share
from pocketbert.tasks.files import write_file

# (how to train, folder for the model, folder for checkpoints, words for the bar) -> report with "dev": metrics by name
Train = Callable[[Settled, Path, Path, str], dict[str, Any]]


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
        whole = options.settled(learning_rate=rate)
        epochs = whole.epochs * part
        short = replace(whole, learning_rate=trial_rate(rate, part), epochs=epochs, patience=0, keep="last")
        score = scored(lambda: train(short, folder / "model", folder, f"{TRYING} rate {rate:g}")["dev"][metric])
        shutil.rmtree(folder, ignore_errors=True)
        return score

    return search(wanted, trial, rows, trivial, checkpoints)


def train_with_search(
    train: Train,
    options: TrainOptions,
    wanted: Search | None,
    fall_back: Sequence[float],
    steps: int,
    metric: str,
    rows: int,
    trivial: float,
    out: Path,
    checkpoints: Path,
) -> dict[str, Any]:
    """Trains into `out`; where a rate is sought, the best of a short search is taken.

    A rate can fail in the whole run: it diverges, teaches nothing, or less than its trial promised. Then the next lower one of
    `fall_back` gets its turn, and the better of the two stays.

    Returns:
        The report of the run that stays, with "choices": what was decided here.

    Raises:
        Diverged: so did every run.
    """
    found, known = None, {}
    if wanted is not None:
        found = find_rate(train, options, wanted, steps, metric, rows, trivial, checkpoints)
        known = {"learning_rate": found.ranking[0]}
    settled = options.settled(**known)
    place, rate, why = checkpoints / "whole", settled.learning_rate, "" if found is None else found.why
    lower = max((other for other in fall_back if other < rate), default=None)
    report, score = {}, LEAST_SCORE
    try:
        report = _once(train, settled, place, "")
        score = report["dev"].get(metric)
    except Diverged:
        if lower is None:
            raise
    promised = LEAST_SCORE if found is None else found.best - noise(found.best, rows)
    if lower is not None and (score <= trivial or score < promised):
        again: dict[str, Any] = {}
        try:
            again = _once(train, replace(settled, learning_rate=lower), checkpoints / "again", f", again with rate {lower:g}")
        except Diverged:
            if not report:
                raise
        if again and again["dev"][metric] > score:
            short = "no more than one that has learnt nothing" if score <= trivial else "less than its trial promised"
            came = f"scored {score:.4f} on dev, {short}" if report else "diverged"
            why = f"the whole run at {rate:g} {came}"
            place, report, rate = checkpoints / "again", again, lower
    shutil.copytree(place / "model", out, dirs_exist_ok=True)
    among = () if found is None else found.among
    return report | {"choices": [Choice("learning_rate", rate, why, among).to_dict()] if why else []}


def train_once(train: Train, options: Settled, out: Path, checkpoints: Path) -> dict[str, Any]:
    """Trains into `out`; killed after the training, a stage finds its finished run in `checkpoints`."""
    report = _once(train, options, checkpoints / "whole", "")
    shutil.copytree(checkpoints / "whole" / "model", out, dirs_exist_ok=True)
    return report


def _once(train: Train, options: Settled, folder: Path, words: str) -> dict[str, Any]:
    """Trains into the folder; after a kill a finished run is not repeated."""
    note = folder / "report.json"
    if not note.is_file() or not (folder / "model").is_dir():
        report = train(options, folder / "model", folder, words)
        write_file(note, json.dumps(report).encode())
    return json.loads(note.read_text(encoding="utf-8"))
