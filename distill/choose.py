"""Which rate and which stages a student gets: short runs of each, and dev decides."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pocketbert.distill.auto import Choice, ranked
from pocketbert.distill.find import find_rate
from pocketbert.distill.options import Settled, TrainOptions
from pocketbert.distill.search import TRYING, Search, finite, scored, trial_rate, trial_share
from pocketbert.tasks.files import write_file

PREDICTIONS, BOTH = "predictions alone", "intermediate, then predictions"

# (model folder to start from, how to train, folder for the model, folder for checkpoints, words for the bar) -> report with "dev"
Predict = Callable[[Path, Settled, Path, Path, str], dict[str, Any]]
# (share of the stage's steps, folder for the model, folder for checkpoints, words for the bar)
Align = Callable[[float, Path, Path, str], Any]


@dataclass(frozen=True)
class Question:
    """What is open about a student.

    Args:
        options: of the prediction stage.
        search: of its rate; None where it is known.
        steps: of the whole prediction stage.
        share: of the steps of both stages that each candidate gets; 0 where the stages are known.
    """

    options: TrainOptions
    search: Search | None
    steps: int
    share: float


def choose(
    question: Question,
    start: Path,
    predict: Predict,
    align: Align | None,
    metric: str,
    rows: int,
    trivial: float,
    checkpoints: Path,
) -> dict[str, Any]:
    """Answers the question.

    Args:
        question: what is open.
        start: the untrained student.
        predict, align: run the stages; `align` may be None where `share` is 0.
        metric: name of the dev metric.
        rows: of dev.
        trivial: dev score of a model that has learnt nothing.
        checkpoints: folder of the stage; finished runs are noted there, so that a kill costs one of them at most.

    Returns:
        {"learning_rate", "intermediate": whether that stage helps (None where it was not asked), "choices"}.
    """
    choices, trials = [], ()
    if question.search is None:
        whole = question.options.settled()
    else:

        def from_start(options: Settled, out: Path, folder: Path, words: str) -> dict[str, Any]:
            return predict(start, options, out, folder, words)

        found = find_rate(
            from_start, question.options, question.search, question.steps, metric, rows, trivial, checkpoints / "rates"
        )
        whole, trials = question.options.settled(learning_rate=found.ranking[0]), found.trials
        choices.append(Choice("learning_rate", whole.learning_rate, found.why, found.among))
    rate = whole.learning_rate
    if not question.share or align is None:
        return {"learning_rate": rate, "intermediate": None, "choices": [choice.to_dict() for choice in choices]}
    share = trial_share(question.share, question.steps)
    epochs = whole.epochs * share
    short = replace(whole, learning_rate=trial_rate(rate, share), epochs=epochs, patience=0, keep="last")
    known = next((score for arm, part, score in trials if arm == rate and part == question.share), None)

    def alone() -> float:
        folder = checkpoints / "alone"
        return predict(start, short, folder / "model", folder, f"{TRYING} predictions alone")["dev"][metric]

    def both() -> float:
        folder = checkpoints / "both"
        aligned = folder / "aligned"
        if not (aligned / "config.json").is_file():
            align(question.share, aligned, folder / "intermediate", TRYING)
        return predict(aligned, short, folder / "model", folder / "student", f"{TRYING} both stages")["dev"][metric]

    scores = [
        (PREDICTIONS, known if known is not None else _noted(alone, checkpoints / "alone.json")),
        (BOTH, _noted(both, checkpoints / "both.json")),
    ]
    winner = ranked(scores, rows)[0]
    why = f"each ran on {share:.0%} of its steps; dev decides, and within noise the shorter way wins"
    choices.append(Choice("stages", winner, why, tuple((way, finite(score)) for way, score in scores)))
    for name in ("alone", "both"):
        shutil.rmtree(checkpoints / name, ignore_errors=True)
    return {"learning_rate": rate, "intermediate": winner == BOTH, "choices": [choice.to_dict() for choice in choices]}


def _noted(run: Callable[[], float], note: Path) -> float:
    if not note.is_file():
        write_file(note, json.dumps(scored(run)).encode())
    return json.loads(note.read_text(encoding="utf-8"))
