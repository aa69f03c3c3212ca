"""The process in which sealed files and .onnx baselines are timed: no torch, nothing else at work in it.

`python -m pocketbert.bench.child` reads one JSON request a line and answers with one: the parent drives the rounds, so that
all subjects, its own baselines too, take turns within one run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pocketbert.bench.subjects import BaselineSubject, SealedFile, onnx_forward
from pocketbert.edge_export.artifact.engines.executorch_native import NativeUnavailable
from pocketbert.tasks import UserError


class Child:
    """The parent's end."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "pocketbert.bench.child"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request: Any) -> Any:
        """The answer to one request.

        Raises:
            UserError: what the child refused, or that it died (runtimes abort on what they cannot take).
        """
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise UserError(f"the measuring process died with code {self._process.wait()} at {request}.")
        answer = json.loads(line)
        if "error" in answer:
            raise UserError(answer["error"])
        return answer["value"]

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve() -> None:
    # Runtimes print to standard output now and then; answers get a pipe of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    subjects: dict[str, SealedFile | BaselineSubject] = {}
    for line in sys.stdin:
        try:
            value = _answer(json.loads(line), subjects)
            reply = {"value": value}
        except UserError as error:
            reply = {"error": str(error)}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def _answer(request: dict[str, Any], subjects: dict[str, SealedFile | BaselineSubject]) -> Any:
    kind, name = request["do"], request["name"]
    if kind == "open":
        return _open(request, subjects)
    if kind == "open_onnx":
        model = next(subject for subject in subjects.values() if isinstance(subject, SealedFile))
        forward, engine = onnx_forward(Path(request["path"]), request["threads"])
        subjects[name] = BaselineSubject(forward, model.encoded(), model.cut())
        return {"engine": engine}
    if kind == "round":
        return asdict(subjects[name].round(request["runs"]))
    if kind == "by_length":
        return asdict(subjects[name].by_length())
    raise UserError(f"unknown request {kind}")


def _open(request: dict[str, Any], subjects: dict[str, SealedFile | BaselineSubject]) -> dict[str, Any]:
    path, texts = Path(request["path"]), [tuple(texts) for texts in request["texts"]]
    note = None
    try:
        subject = SealedFile(path, request["threads"], "native", texts)
    except NativeUnavailable as error:
        note = str(error)
        subject = SealedFile(path, request["threads"], "python", texts)
    subjects[request["name"]] = subject
    return {
        "engine": subject.engine,
        "load": subject.load,
        "first": subject.first,
        "golden": subject.golden.ok,
        "golden_difference": subject.golden.largest_difference,
        "sha256": subject.artifact.sha256,
        "bytes": subject.artifact.size,
        "python_note": note,
    }


if __name__ == "__main__":
    _serve()
