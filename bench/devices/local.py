"""The machine this runs on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pocketbert.bench import environment
from pocketbert.bench.baseline import Baseline, Forward
from pocketbert.bench.child_process import ask
from pocketbert.bench.measure import Limits, in_turns, lengths_in_turns
from pocketbert.bench.plan import Plan, Progress
from pocketbert.bench.record import AtLength, Environment, Memory, Phase, Record, Texts
from pocketbert.bench.statistics import noise_of, phase_of
from pocketbert.bench.subjects import forward_step
from pocketbert.bench.texts import choose, described, of_lengths
from pocketbert.bench.verdict import verdict
from pocketbert.edge_export.artifact import Artifact, open_artifact
from pocketbert.tasks import UserError

UNMEASURED = Memory(note="not measured for baselines")


def measure(paths: list[Path], plan: Plan, progress: Progress) -> list[Record]:
    """All files and .onnx baselines in turns in one new process without torch, then each file's memory in a process of its
    own, then the callables here. See `pocketbert.bench.bench` for arguments and errors.
    """
    if not paths:
        raise UserError("bench: give at least one sealed .pte, .tflite or .onnx file.")
    artifacts = [open_artifact(path) for path in paths]
    keys = [str(artifact.path) for artifact in artifacts]
    names = keys + [baseline.name for baseline in plan.baselines]
    if len(set(names)) != len(names):
        raise UserError("bench: a file or a baseline's name was given twice.")
    texts, source = choose(artifacts[0], plan)
    # hundredths of each part: the turns, one part per file for its memory, one per callable
    callables = [baseline for baseline in plan.baselines if baseline.call is not None]
    total = 100 * (1 + len(artifacts) * plan.memory + len(callables))
    progress(0, total)
    answer = ask(_request(keys, plan, texts), lambda share: progress(int(100 * share), total))
    around = environment.from_plain(answer["environment"])
    records, done = [], 100
    for artifact, key in zip(artifacts, keys, strict=True):
        memory = Memory()
        if plan.memory:
            memory = Memory(**ask({"job": "memory", "file": key, "threads": plan.threads, "texts": texts[: plan.min_runs]}))
            progress(done := done + 100, total)
        found = answer["models"][key]
        seen = described(source, [artifact.encode(text) for text in texts])
        record = _record(artifact.path.name, found, plan, seen, around, _how(names, found["note"]))
        records.append(replace(record, **_of_artifact(artifact), memory=memory))
    for baseline in plan.baselines:
        seen = described(source, [artifacts[0].encode(text) for text in texts])
        if baseline.call is None:
            record = _record(baseline.name, answer["models"][baseline.name], plan, seen, around, _how(names, ""))
            path = baseline.onnx
            assert path is not None  # a baseline without a callable has a file
            record = replace(record, file=path.name, bytes=path.stat().st_size, container="onnx")
        else:
            record = _callable(baseline, baseline.call, artifacts[0], texts, seen, plan)
            progress(done := done + 100, total)
        records.append(replace(record, note=baseline.note))
    return records


def _request(files: list[str], plan: Plan, texts: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    return {
        "job": "measure",
        "files": files,
        "onnx": {baseline.name: str(baseline.onnx) for baseline in plan.baselines if baseline.onnx is not None},
        "threads": plan.threads,
        "opens": plan.opens,
        "limits": vars(_limits(plan)),
        "texts": texts,
        "lengths": plan.lengths,
        "length_runs": plan.length_runs,
    }


def _limits(plan: Plan) -> Limits:
    return Limits(plan.min_runs, plan.min_seconds, plan.max_seconds, plan.warmup)


def _how(names: list[str], note: str) -> str:
    beside = f"in turns with {len(names) - 1} other(s)" if len(names) > 1 else "alone"
    return f"in a process without torch, {beside}" if not note else f"{beside}; {note}"


def _record(name: str, found: dict[str, Any], plan: Plan, texts: Texts, around: Environment, how: str) -> Record:
    """A baseline's record; `_of_artifact` adds what only a sealed file has."""
    times: dict[str, Phase] = {phase: phase_of(samples) for phase, samples in found["once"].items()}
    times |= {phase: phase_of(samples, found["tokens"]) for phase, samples in found["phases"].items()}
    noise = noise_of(found["phases"]["forward"], found["texts"])
    ok, difference, tolerance, failures = found.get("golden", (None, None, None, ()))
    return Record(
        name=name,
        kind="artifact" if "golden" in found else "baseline",
        file=None,
        sha256=None,
        bytes=None,
        container=None,
        quantization=None,
        engine=found["engine"],
        engine_version=found["version"],
        threads=plan.threads,
        times=times,
        by_length=tuple(_at_length(int(n), samples) for n, samples in found["lengths"].items()),
        texts=texts,
        memory=UNMEASURED,
        golden=ok,
        golden_difference=difference,
        golden_tolerance=tolerance,
        validity=verdict(around, times, ok, tuple(failures), noise, found["minima_met"]),
        noise=noise,
        environment=around,
        how=how,
        note="",
        measured_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def _of_artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "file": artifact.path.name,
        "sha256": artifact.sha256,
        "bytes": artifact.size,
        "container": artifact.manifest.container,
        "quantization": artifact.manifest.quantization.recipe,
    }


def _callable(
    baseline: Baseline, forward: Forward, artifact: Artifact, texts: tuple[tuple[str, ...], ...], seen: Texts, plan: Plan
) -> Record:
    """Measured here, after the others: its runtime may not enter their process."""
    encoded = [artifact.encode(text) for text in texts]
    step = forward_step(forward, encoded)
    first = step(0)["forward"]
    before, watch = environment.before(), environment.Others()
    samples = in_turns({baseline.name: step}, len(texts), _limits(plan))[baseline.name]
    around = environment.after(before, watch)
    lengths = of_lengths(artifact, texts, plan.lengths)
    by_length = lengths_in_turns({baseline.name: forward_step(forward, lengths)}, list(lengths), plan.length_runs)
    found = {
        "engine": baseline.runtime[0] or "callable",
        "version": baseline.runtime[1],
        "once": {"first": [first]},
        "phases": samples.phases,
        "texts": samples.texts,
        "tokens": [encoded[text].length for text in samples.texts],
        "lengths": by_length[baseline.name],
        "minima_met": samples.minima_met,
    }
    return _record(baseline.name, found, plan, seen, around, "alone in the caller's process, after the files")


def _at_length(length: int, samples: list[float]) -> AtLength:
    phase = phase_of(samples)
    return AtLength(length, phase.runs, phase.p50, phase.p90, phase.min, phase.samples)
