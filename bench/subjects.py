"""What can be measured, as functions that give milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from pocketbert.bench.baseline import Forward
from pocketbert.bench.measure import Step, timed
from pocketbert.edge_export.artifact import Artifact, Session, open_artifact, start
from pocketbert.edge_export.artifact.guard import check_inputs
from pocketbert.edge_export.artifact.session import padded
from pocketbert.edge_export.artifact.tokenizing import Encoded


def artifact_step(session: Session, texts: Sequence[tuple[str, ...]]) -> Step:
    """Text to label as `load(path).predict` does it, the parts timed apart; forward is the runtime alone."""
    artifact, engine = session.artifact, session.engine

    def step(number: int) -> dict[str, float]:
        begin = perf_counter()
        encoded = artifact.encode(texts[number])
        tokenized = perf_counter()
        rows = _rows(artifact, encoded)
        ready = perf_counter()
        output = engine.run(*rows)
        ran = perf_counter()
        artifact.task.decode(output[0])
        end = perf_counter()
        return {
            "tokenize": (tokenized - begin) * 1000,
            "forward": (ran - ready) * 1000,
            "end_to_end": (end - begin) * 1000,
        }

    return step


def artifact_lengths(session: Session, encoded: dict[int, Encoded]) -> Step:
    """Forward of ready ids, called with a length."""
    rows = {length: _rows(session.artifact, entry) for length, entry in encoded.items()}
    return lambda length: {"forward": timed(lambda: session.engine.run(*rows[length]))[1]} if length in rows else {}


def forward_step(forward: Forward, encoded: Sequence[Encoded] | dict[int, Encoded]) -> Step:
    """A baseline on ids that were made before; called with a number of a text, or with a length."""
    rows = {key: (row.input_ids, row.attention_mask, row.token_type_ids) for key, row in _items(encoded)}
    return lambda key: {"forward": timed(lambda: forward(*rows[key]))[1]} if key in rows else {}


def open_times(
    path: Path, threads: int, engine: str, text: tuple[str, ...], opens: int
) -> tuple[Session, dict[str, list[float]]]:
    """The file opened and run once several times over; the last session stays open.

    Returns:
        the session, and ms of `open` (seal and tokenizer), `load` (the runtime opens the graph), `first` (first forward).
        The file is in the page cache after the first of them.
    """
    times: dict[str, list[float]] = {"open": [], "load": [], "first": []}

    def once() -> Session:
        artifact, opened = timed(lambda: open_artifact(path))
        session, loaded = timed(lambda: start(artifact, threads, engine))
        rows = _rows(artifact, artifact.encode(text))
        _, first = timed(lambda: session.engine.run(*rows))
        for phase, ms in (("open", opened), ("load", loaded), ("first", first)):
            times[phase].append(ms)
        return session

    for _ in range(opens - 1):
        once().close()
    return once(), times


def _rows(artifact: Artifact, encoded: Encoded) -> list[np.ndarray]:
    """What Session.run hands to the engine: padded to a static length where the file has any, and checked."""
    manifest = artifact.manifest
    inputs = (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
    rows = padded(manifest.lengths, manifest.tokenizer.pad_id, *inputs)
    check_inputs(manifest, *rows)
    return rows


def _items(encoded: Sequence[Encoded] | dict[int, Encoded]):
    return encoded.items() if isinstance(encoded, dict) else enumerate(encoded)
