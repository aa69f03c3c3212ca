"""The process that measures (child_process.py starts it): a request in on standard input, lines of JSON out.

It holds nothing but the reader and the runtimes of the files that it was asked for. What runtimes print goes to
standard error, so that it cannot mix with the answer.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from pocketbert.bench import environment
from pocketbert.bench.baseline import open_onnx
from pocketbert.bench.measure import Limits, in_turns, lengths_in_turns, timed
from pocketbert.bench.memory import measure_memory
from pocketbert.bench.runtimes import engine_of, preload
from pocketbert.bench.subjects import artifact_lengths, artifact_step, forward_step, open_times
from pocketbert.bench.texts import of_lengths
from pocketbert.edge_export.artifact import check_golden, open_artifact
from pocketbert.tasks import UserError


def measure_job(request: dict[str, Any], say) -> dict[str, Any]:
    """Every file and every .onnx baseline in turns.

    Args:
        request: files (paths), onnx (name -> path), threads, opens, limits, texts, lengths, length_runs.
        say: takes the share that is done.
    """
    texts = tuple(tuple(row) for row in request["texts"])
    answers: dict[str, dict[str, Any]] = {}
    sessions, steps, length_steps = {}, {}, {}
    first = open_artifact(request["files"][0])
    by_length = of_lengths(first, texts, tuple(request["lengths"]))
    for file in request["files"]:
        container = open_artifact(file).manifest.container
        engine, note = engine_of(container)
        if not note:
            preload(container)
        sessions[file], times = open_times(Path(file), request["threads"], engine, texts[0], request["opens"])
        steps[file] = artifact_step(sessions[file], texts)
        length_steps[file] = artifact_lengths(sessions[file], of_lengths(sessions[file].artifact, texts, tuple(by_length)))
        runtime = sessions[file].engine
        answers[file] = {"engine": runtime.name, "version": runtime.version, "once": times, "note": note}
    encoded = [first.encode(text) for text in texts]
    for name, path in request["onnx"].items():
        (forward, version), loaded = timed(lambda path=path: open_onnx(Path(path), request["threads"]))
        once = {"load": [loaded], "first": [forward_step(forward, encoded)(0)["forward"]]}
        steps[name], length_steps[name] = forward_step(forward, encoded), forward_step(forward, by_length)
        answers[name] = {"engine": "onnxruntime", "version": version, "once": once, "note": ""}
    before = environment.before()
    watch = environment.Others()
    found = in_turns(steps, len(texts), Limits(**request["limits"]), say)
    after = environment.after(before, watch)
    lengths = lengths_in_turns(length_steps, list(by_length), request["length_runs"])
    tokens = [row.length for row in encoded]
    for name, samples in found.items():
        answers[name] |= {"phases": samples.phases, "texts": samples.texts, "minima_met": samples.minima_met}
        answers[name] |= {"tokens": [tokens[text] for text in samples.texts], "lengths": lengths[name]}
    for file, session in sessions.items():
        report = check_golden(session)  # after the timing, on the very engine that was timed
        answers[file]["golden"] = [report.ok, report.largest_difference, report.tolerance, list(report.failures)]
        session.close()
    return {"models": answers, "environment": environment.to_plain(after)}


def memory_job(request: dict[str, Any], say) -> dict[str, Any]:
    """One file alone."""
    return measure_memory(Path(request["file"]), request["threads"], tuple(tuple(row) for row in request["texts"]))


JOBS = {"measure": measure_job, "memory": memory_job}


def main() -> int:
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)

    def answer(kind: str, value: Any) -> None:
        print(json.dumps({kind: value}), file=answers, flush=True)

    request = json.load(sys.stdin)
    try:
        answer("done", JOBS[request["job"]](request, lambda share: answer("share", share)))
    except UserError as error:
        answer("refused", str(error))
        return 1
    return 0
