"""What is timed: a sealed file with its tokenizer, or a baseline on the same ids. Both are measured a round at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pocketbert.bench.plan import Forward
from pocketbert.bench.texts import cut_to, lengths_for, texts_for
from pocketbert.edge_export.artifact import Session, check_golden, open_artifact, start
from pocketbert.edge_export.artifact.tokenizing import Encoded

BY_LENGTH_RUNS = 15  # at each fixed length


@dataclass
class Samples:
    """Milliseconds by phase, and the tokens of each sample where they matter."""

    tokenize: list[float] = field(default_factory=list)
    forward: list[float] = field(default_factory=list)
    end_to_end: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)


class SealedFile:
    """A sealed file opened in its runtime, with its texts.

    Args:
        path, threads, engine: see artifact.start.
        texts: to measure with; empty takes the file's own.
    """

    def __init__(self, path: Path, threads: int, engine: str, texts: Sequence[tuple[str, ...]]) -> None:
        self.artifact = open_artifact(path)
        self.texts = texts_for(self.artifact, texts)
        began = time.perf_counter()
        self.session: Session = start(self.artifact, threads, engine)
        self.load = _since(began)
        encoded = self.artifact.encode(self.texts[0])
        began = time.perf_counter()
        self.session.run(encoded)
        self.first = _since(began)
        self.engine = f"{self.session.engine.name} {self.session.engine.version}"
        self.golden = check_golden(self.session)
        self._next = 0

    def round(self, runs: int) -> Samples:
        """`runs` texts after where the last round ended, each tokenized, run and decoded as an app does it."""
        found = Samples()
        for _ in range(runs):
            texts = self.texts[self._next % len(self.texts)]
            self._next += 1
            began = time.perf_counter()
            encoded = self.artifact.encode(texts)
            tokenized = time.perf_counter()
            output = self.session.run(encoded)
            ran = time.perf_counter()
            self.artifact.task.decode(output)
            ended = time.perf_counter()
            found.tokenize.append((tokenized - began) * 1e3)
            found.forward.append((ran - tokenized) * 1e3)
            found.end_to_end.append((ended - began) * 1e3)
            found.tokens.append(encoded.length)
        return found

    def by_length(self) -> Samples:
        """Forward time at fixed lengths, warm at each."""
        found = Samples()
        for n in lengths_for(self.artifact):
            encoded = cut_to(self.artifact, self.texts, n)
            _time_at(lambda encoded=encoded: self.session.run(encoded), n, found)
        return found

    def encoded(self) -> list[Encoded]:
        """Its texts as ids, for baselines."""
        return [self.artifact.encode(texts) for texts in self.texts]

    def cut(self) -> list[Encoded]:
        """Text of the fixed lengths, for baselines."""
        return [cut_to(self.artifact, self.texts, n) for n in lengths_for(self.artifact)]


class BaselineSubject:
    """A callable on ids; only its forward pass is timed.

    Args:
        forward: int32 (1, n) three times -> outputs.
        encoded: the sealed files' texts as ids.
        cut: text of the fixed lengths.
    """

    def __init__(self, forward: Forward, encoded: Sequence[Encoded], cut: Sequence[Encoded]) -> None:
        self.forward, self.texts, self.cut = forward, encoded, cut
        self._next = 0

    def round(self, runs: int) -> Samples:
        """As SealedFile.round, forward only."""
        found = Samples()
        for _ in range(runs):
            encoded = self.texts[self._next % len(self.texts)]
            self._next += 1
            began = time.perf_counter()
            self.forward(encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
            found.forward.append(_since(began))
            found.tokens.append(encoded.length)
        return found

    def by_length(self) -> Samples:
        """As SealedFile.by_length."""
        found = Samples()
        for encoded in self.cut:
            rows = (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
            _time_at(lambda rows=rows: self.forward(*rows), encoded.length, found)
        return found


def onnx_forward(path: Path, threads: int) -> tuple[Forward, str]:
    """(a plain .onnx as a callable, the engine's name); its inputs are taken by name and cast to what it wants."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    kinds = {entry.name: np.int32 if "int32" in entry.type else np.int64 for entry in session.get_inputs()}

    def forward(ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> np.ndarray:
        rows = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return session.run(None, {name: rows[name].astype(kind) for name, kind in kinds.items()})[0]

    return forward, f"onnxruntime {onnxruntime.__version__}"


def _time_at(run, n: int, found: Samples) -> None:
    run(), run()  # a change of length may allocate
    for _ in range(BY_LENGTH_RUNS):
        began = time.perf_counter()
        run()
        found.forward.append(_since(began))
        found.tokens.append(n)


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1e3
