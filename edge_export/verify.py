"""Checks a sealed file against the student and the teacher, in the runtime that will run it; needs no torch.

Every check is one function that gives a `Check`; the file passes when all do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from pocketbert.edge_export.artifact import Session, check_golden, open_artifact, start
from pocketbert.edge_export.artifact.manifest import Manifest
from pocketbert.edge_export.artifact.session import padded
from pocketbert.edge_export.artifact.tokenizing import Encoded
from pocketbert.edge_export.reference import Reference
from pocketbert.tasks import Classification, Example, UserError, fingerprint, targets_of
from pocketbert.tasks.files import write_file

PADDED_TEXTS = 16
# fp32 kernels may sum in another order when the length differs: a few float32 roundings of the largest output.
PADDING_FLOOR = 1e-5


@dataclass(frozen=True)
class Limits:
    """When a drop is too much.

    Args:
        points: of the metric against the fp32 student, 1 point = 0.01.
        rows: a classifier must also lose more than this many rows, so that a small data set is not failed by two texts.
    """

    points: float = 1.0
    rows: int = 2


@dataclass(frozen=True)
class Check:
    """One line of the table: passed True or False, or None where it does not apply (the detail says why)."""

    name: str
    passed: bool | None
    detail: str
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """All checks of one file, keyed by its sha256."""

    file: str
    sha256: str
    runtime: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed is not False for check in self.checks)

    def figure(self, name: str) -> float | None:
        """A figure by name, from whichever check measured it."""
        return next((check.figures[name] for check in self.checks if name in check.figures), None)

    def to_dict(self) -> dict[str, object]:
        return {"schema": 1, "passed": self.passed, **asdict(self)}


def verify(
    path: Path | str,
    examples: Sequence[Example] | None,
    reference: Reference | None,
    limits: Limits | None = None,
    threads: int = 1,
    engine: str = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verdict:
    """Opens the file and makes every check that the given material allows.

    Args:
        path: the sealed file.
        examples: labelled examples of its task, or None.
        reference: the student's recorded outputs on the same examples, or None.
        limits: when a drop fails.
        threads, engine: see artifact.start.
        progress: told (rows done, rows) while the data runs.

    Raises:
        UserError: the seal does not hold, or the reference was recorded on other data.
    """
    artifact = open_artifact(path)
    if reference is not None and examples is not None and reference.fingerprint != fingerprint(examples):
        raise UserError(
            f"the reference was recorded on another {reference.data} ({len(reference.student)} rows) than the data given "
            f"({len(examples)} rows); use the file that was exported with, or export again with `--data`."
        )
    with start(artifact, threads, engine) as session:
        checks = [golden(session)]
        checks += on_data(session, examples, reference, limits or Limits(), progress)
        texts = [example.texts for example in examples or ()] or [vector.texts for vector in artifact.golden.vectors]
        encoded = [artifact.encode(text) for text in texts]
        checks += [padding_invariance(session, encoded), every_length(session, encoded), inputs_in_order(session)]
        runtime = f"{session.engine.name} {session.engine.version}"
    return Verdict(artifact.path.name, artifact.sha256, runtime, tuple(checks))


def write_verdict(artifact_path: Path, verdict: Verdict) -> Path:
    """Writes FILE.verify.json beside the file."""
    path = artifact_path.with_name(artifact_path.name + ".verify.json")
    write_file(path, json.dumps(verdict.to_dict(), indent=1).encode())
    return path


def golden(session: Session) -> Check:
    """Ids equal, outputs as reproducible as the file promises, best label where the margin exceeds that.

    How far quantization moved them when the file was sealed is shown, not judged: export refuses what is too far, and the
    metric's drop says what it costs.
    """
    report = check_golden(session)
    sealed, distance = session.artifact.golden, session.artifact.golden.quantization_distance
    detail = f"{report.typical} of {len(sealed.vectors)} vectors within {sealed.reproducibility.typical:.2g}, "
    detail += f"largest difference {report.largest_difference:.2g} of {report.tolerance:.2g} allowed; "
    detail += f"{distance:.2g} from the student when sealed"
    figures = {"golden_difference": report.largest_difference, "golden_tolerance": report.tolerance}
    figures["quantization_distance"] = distance
    return Check("golden vectors", report.ok, report.failures[0] if report.failures else detail, figures)


def on_data(
    session: Session,
    examples: Sequence[Example] | None,
    reference: Reference | None,
    limits: Limits,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Check]:
    """The metric on the whole data set against the student's and the teacher's, and the agreement with both."""
    task = session.artifact.task
    if not examples:
        return [Check("metric", None, "no data given")]
    outputs = np.zeros((len(examples), task.outputs), np.float32)
    for i, example in enumerate(examples):
        outputs[i] = session.run(session.artifact.encode(example.texts))
        progress(i + 1, len(examples))
    reached = task.metrics(outputs, targets_of(list(examples)))
    figures = {f"file_{name}": value for name, value in reached.items()}
    value = reached[task.metric]
    if not np.isfinite(outputs).all():
        return [Check("metric", False, "the file gives NaN or infinity on the data")]
    if reference is None:
        return [Check("metric", None, f"{task.metric} {value:.4f}; no reference to hold it against", figures)]
    student = reference.student_metrics[task.metric]
    teacher = reference.teacher_metrics.get(task.metric)
    figures |= {"student_" + task.metric: student} | ({} if teacher is None else {"teacher_" + task.metric: teacher})
    points = 100 * (student - value)
    lost = (student - value) * len(examples)
    too_much = points > limits.points and (not isinstance(task, Classification) or lost > limits.rows)
    against = f"student {student:.4f}" + ("" if teacher is None else f", teacher {teacher:.4f}")
    detail = f"{task.metric} {value:.4f} ({against}); drop {points:+.2f} points, {limits.points:g} allowed"
    return [Check("metric", not too_much, detail, figures), agreement(session, outputs, reference)]


def agreement(session: Session, outputs: np.ndarray, reference: Reference) -> Check:
    """How often file and student (and teacher) say the same; shown, not judged: the metric's drop is what is judged."""
    task = session.artifact.task
    figures = {"agreement_student": task.agreement(outputs, reference.student)}
    word = "same best label" if isinstance(task, Classification) else "correlation"
    detail = f"{word} as the student {figures['agreement_student']:.4f}"
    if reference.teacher is not None:
        figures["agreement_teacher"] = task.agreement(outputs, reference.teacher)
        detail += f", as the teacher {figures['agreement_teacher']:.4f}"
    return Check("agreement", None, detail, figures)


def padding_invariance(session: Session, encoded: Sequence[Encoded]) -> Check:
    """The same text padded to several lengths gives the same output.

    As reproducible as the file promises, and how many texts are exact is shown. Runtimes that scale activations token by token
    (.pte, .tflite) are exact but where softmax sums in another order at another length and the last bit of it flips a quantized
    activation. onnxruntime scales a whole tensor at once: padding moves the scale, every text is quantized anew, and may be as
    far off as quantization moved it from the fp32 student.
    """
    name, manifest = "padding invariance", session.artifact.manifest
    if manifest.lengths.static is not None:
        return Check(name, None, "static lengths: every text is padded to the same one")
    longest, moves, scale = manifest.lengths.longest, [], 1.0
    for found in _spread(encoded, PADDED_TEXTS):
        plain = session.run(found)
        scale = max(scale, float(np.abs(plain).max()))
        for n in sorted({min(found.length + 1, longest), (found.length + longest) // 2, longest}):
            moves.append(float(np.abs(session.run(_pad(found, n, manifest)) - plain).max()))
    exact = sum(move <= PADDING_FLOOR * scale for move in moves)
    allowed, reproducibility = padding_allowed(session), session.artifact.golden.reproducibility
    typical = sum(move <= reproducibility.typical for move in moves)
    typically = scales_tensors(manifest) or reproducibility.enough(typical, len(moves))
    detail = f"{exact} of {len(moves)} padded texts exact, largest difference {max(moves):.2g} of {allowed:.2g} allowed"
    if not typically:
        detail += f"; {len(moves) - typical} are off by more than {reproducibility.typical:.2g}, and a quarter may be"
    figures = {"padding_difference": max(moves), "padding_exact": exact / len(moves)}
    return Check(name, bool(typically and max(moves) <= allowed), detail, figures)


def padding_allowed(session: Session) -> float:
    """How far padding may move an output, in its units."""
    golden = session.artifact.golden
    largest = golden.reproducibility.largest
    return max(largest, golden.quantization_distance) if scales_tensors(session.artifact.manifest) else largest


def scales_tensors(manifest: Manifest) -> bool:
    """Whether one scale holds for a whole tensor of activations, padding included."""
    return manifest.quantization.activations.endswith("per_tensor")


def every_length(session: Session, encoded: Sequence[Encoded]) -> Check:
    """Every length that the manifest promises runs and gives finite numbers; up, then down, since runtimes keep state."""
    lengths = session.artifact.manifest.lengths
    promised = lengths.static
    if promised is None:
        least, most = lengths.exact
        promised = list(range(least, most + 1))
    ids = np.concatenate([found.input_ids[0] for found in encoded])
    for n in [*promised, *promised[::-1]]:
        row = np.resize(ids, (1, n)).astype(np.int32)
        try:
            output = session.run(_encoded(row, np.ones_like(row), np.zeros_like(row)))
        except UserError as error:
            return Check("every length", False, f"{n} tokens do not run: {error}")
        if not np.isfinite(output).all():
            return Check("every length", False, f"{n} tokens give NaN or infinity")
    return Check("every length", True, f"{len(promised)} lengths from {promised[0]} to {promised[-1]} run")


def inputs_in_order(session: Session) -> Check:
    """Ids, mask and types reach their own places: as they are, the graph gives the student's output, and with any two
    exchanged it is farther from it.

    A backend that silently reorders inputs (executorch issue 14741) passes every test that holds a file against itself.
    The text is padded to the longest length, so that the mask is half zeros and unlike the types.
    """
    manifest, golden = session.artifact.manifest, session.artifact.golden
    longest = manifest.lengths.longest
    room = [vector for vector in golden.vectors if len(vector.input_ids) <= longest // 2]
    vector = max(room or golden.vectors, key=lambda vector: len(set(vector.input_ids.tolist())))
    found = _pad(session.artifact.encode(vector.texts), longest, manifest)
    inputs = (found.input_ids, found.attention_mask, found.token_type_ids)
    ids, mask, types = padded(manifest.lengths, manifest.tokenizer.pad_id, *inputs)
    # Past the guard on purpose, but in the range that a graph can index with: ids in another's place become ones, and a mask
    # begins with a one, since a .tflite counts positions by it.
    ones, kinds = np.minimum(ids, 1), np.maximum(types, (np.arange(types.shape[1]) == 0).astype(np.int32)[None])
    orders = {"ids and mask": (mask, ones, types), "ids and types": (types, mask, ones), "mask and types": (ids, kinds, mask)}
    try:
        right = _distance(session, (ids, mask, types), vector.student)
        exchanged = {what: _distance(session, rows, vector.student) for what, rows in orders.items()}
    except UserError as error:
        return Check("inputs in order", False, str(error))
    figures = {"inputs_right": right, "inputs_exchanged": min(exchanged.values())}
    if not right <= golden.quantization_distance + padding_allowed(session):
        return Check("inputs in order", False, f"the output is {right:.2g} from the student's", figures)
    for what, far in exchanged.items():
        if not far > right:
            return Check("inputs in order", False, f"with {what} exchanged the output is no farther from the student's", figures)
    detail = f"the output is {right:.2g} from the student's, with inputs exchanged {min(exchanged.values()):.2g} and more"
    return Check("inputs in order", True, detail, figures)


def _distance(session: Session, rows: tuple[np.ndarray, np.ndarray, np.ndarray], student: np.ndarray) -> float:
    return float(np.abs(session.engine.run(*rows)[0] - student).max())


def _spread(encoded: Sequence[Encoded], count: int) -> list[Encoded]:
    """`count` of them from the shortest to the longest."""
    ordered = sorted(encoded, key=lambda found: found.length)
    return [ordered[i] for i in sorted(set(np.linspace(0, len(ordered) - 1, count).astype(int).tolist()))]


def _pad(found: Encoded, n: int, manifest: Manifest) -> Encoded:
    more = n - found.length
    fill = ((found.input_ids, manifest.tokenizer.pad_id), (found.attention_mask, 0), (found.token_type_ids, 0))
    return _encoded(*(np.pad(row, ((0, 0), (0, more)), constant_values=value) for row, value in fill))


def _encoded(ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> Encoded:
    return Encoded(ids, mask, types, (), False)
