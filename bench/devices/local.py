"""This machine. All subjects take turns, round by round, so that a ratio of two of them is one run's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pocketbert.bench.child import Child
from pocketbert.bench.environment import environment, state
from pocketbert.bench.memory import measure_memory
from pocketbert.bench.plan import Baseline, Plan
from pocketbert.bench.record import Memory, Record
from pocketbert.bench.statistics import enough, times_of
from pocketbert.bench.subjects import BaselineSubject, Samples
from pocketbert.bench.verdict import validity
from pocketbert.edge_export.artifact import open_artifact
from pocketbert.edge_export.artifact.tokenizing import Encoded
from pocketbert.tasks import UserError

ROUND = 10  # runs of one subject before the next one's turn: a frequency change meets all alike
CHILD, PARENT = "a process without torch", "the process that built it"


class Turn:
    """One subject and what has been gathered of it."""

    def __init__(self, name: str, ask: Callable[..., Any], opened: dict[str, Any], process: str) -> None:
        self.name, self.ask, self.opened, self.process = name, ask, opened, process
        self.samples, self.by_length, self.seconds = Samples(), Samples(), 0.0

    def take(self, plan: Plan) -> None:
        found = Samples(**self.ask(do="round", name=self.name, runs=min(ROUND, plan.max_runs - len(self.samples.forward))))
        for phase, values in vars(found).items():
            getattr(self.samples, phase).extend(values)
        self.seconds += sum(found.end_to_end or found.forward) / 1e3

    def done(self, plan: Plan) -> bool:
        runs = len(self.samples.forward)
        return enough(runs, self.seconds, plan.min_runs, plan.min_seconds, plan.max_runs, plan.max_seconds)


def measure(
    paths: Sequence[Path],
    plan: Plan,
    baselines: Sequence[Baseline] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Record]:
    """Measures sealed files and baselines.

    Args:
        paths: sealed files of one task.
        plan: see plan.py.
        baselines: measured with the first file's ids, taking turns with the files.
        progress: told (subjects and memory measurements done, all of them).

    Raises:
        UserError: a file cannot be opened, or a runtime dies.
    """
    if not paths:
        raise UserError("nothing to bench: name at least one sealed file.")
    before = environment()
    total = 2 * len(paths) + len(baselines)
    with Child() as child:
        turns = [_open_file(child, Path(path), plan) for path in paths]
        turns += [_open_baseline(child, baseline, Path(paths[0]), plan) for baseline in baselines]
        for turn in turns:
            turn.ask(do="round", name=turn.name, runs=plan.warmup)
        while waiting := [turn for turn in turns if not turn.done(plan)]:
            for turn in waiting:
                turn.take(plan)
            progress(len(turns) - len(waiting), total)
        for turn in turns:
            turn.by_length = Samples(**turn.ask(do="by_length", name=turn.name))
    after = state()
    records = []
    for i, turn in enumerate(turns):
        path = Path(paths[i]) if i < len(paths) else None
        memory, note = _memory(path, turn, plan)
        records.append(_record(turn, path, memory, note, plan, before, after))
        progress(len(turns) + min(i + 1, len(paths)), total)
    return records


def _open_file(child: Child, path: Path, plan: Plan) -> Turn:
    name = str(path)
    opened = child.ask(do="open", name=name, path=str(path.resolve()), threads=plan.threads, texts=plan.texts)
    return Turn(name, child.ask, opened, CHILD)


def _open_baseline(child: Child, baseline: Baseline, path: Path, plan: Plan) -> Turn:
    if baseline.onnx is not None:
        request = {"do": "open_onnx", "name": baseline.name, "path": str(baseline.onnx), "threads": plan.threads}
        opened = child.ask(**request)
        return Turn(baseline.name, child.ask, opened | {"bytes": baseline.bytes}, CHILD)
    encoded, cut = _ids_of(path, plan)
    subject = BaselineSubject(baseline.forward, encoded, cut)

    def ask(do: str, name: str, runs: int = 0) -> dict[str, Any]:
        return vars(subject.round(runs) if do == "round" else subject.by_length())

    return Turn(baseline.name, ask, {"engine": baseline.engine, "bytes": baseline.bytes}, PARENT)


def _ids_of(path: Path, plan: Plan) -> tuple[list[Encoded], list[Encoded]]:
    """The first file's texts as ids, and its text at fixed lengths, without opening a runtime."""
    from pocketbert.bench.texts import cut_to, lengths_for, texts_for

    artifact = open_artifact(path)
    texts = texts_for(artifact, plan.texts)
    return [artifact.encode(text) for text in texts], [cut_to(artifact, texts, n) for n in lengths_for(artifact)]


def _memory(path: Path | None, turn: Turn, plan: Plan) -> tuple[Memory | None, str | None]:
    if path is None:
        return None, "memory of baselines is not measured"
    if turn.opened["python_note"]:
        reason = f"memory was not measured: the Python runtime brings torch's along ({turn.opened['python_note']})"
        return None, reason
    if not plan.memory:
        return None, "memory was not asked for"
    try:
        return measure_memory(path, plan.threads, "native"), None
    except UserError as error:
        return None, str(error)


def _record(
    turn: Turn,
    path: Path | None,
    memory: Memory | None,
    note: str | None,
    plan: Plan,
    before: dict[str, Any],
    after: dict[str, Any],
) -> Record:
    opened, samples = turn.opened, turn.samples
    forward = times_of(samples.forward, samples.tokens)
    times = {"forward": forward, "by_length": times_of(turn.by_length.forward, turn.by_length.tokens)}
    if path is not None:
        times |= {"load": times_of([opened["load"]]), "first": times_of([opened["first"]])}
        times |= {"tokenize": times_of(samples.tokenize), "end_to_end": times_of(samples.end_to_end)}
    short = forward.count < plan.min_runs
    notes = ("it ran in ExecuTorch's Python runtime",) if opened.get("python_note") else ()
    return Record(
        name=turn.name if path is None else path.suffix.lstrip("."),
        file=None if path is None else path.name,
        sha256=opened.get("sha256"),
        engine=opened["engine"],
        threads=plan.threads,
        bytes=opened.get("bytes"),
        times=times,
        memory=memory,
        memory_note=note,
        golden=opened.get("golden"),
        golden_difference=opened.get("golden_difference"),
        process=turn.process,
        environment={**before, "after": after},
        validity=validity(before, after, forward, opened.get("golden"), short, notes),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
