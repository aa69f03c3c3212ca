"""summary.json as the report reads it, and what is worked out of it. No other file here knows its layout.

What a build did not make is missing from it, and is None or empty here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pocketbert.bench.record import Record
from pocketbert.report.shown import NOTHING, show_bytes, show_ms, show_points
from pocketbert.report.timings import is_file, over_base, quantile
from pocketbert.tasks import UserError
from pocketbert.tasks.worth import Finding, failed

SCHEMA = 2
WORTH, NOT_WORTH = "worth shipping", "not worth shipping"  # what it says under "standing"


@dataclass(frozen=True)
class Check:
    """One check of one file; `passed` is None where it does not apply."""

    name: str
    passed: bool | None = None
    detail: str = ""


@dataclass(frozen=True)
class Delegation:
    """What the fast backend runs of a file's graph: `share` of the multiply-accumulates, 0..1, and operators left over."""

    backend: str = NOTHING
    share: float | None = None
    macs: int | None = None
    partitions: int | None = None
    left_over: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """A sealed file of the student.

    Args:
        container: "pte", "tflite" or "onnx".
        file: its name.
        bytes: its size, and `parts` those of what is inside, by name.
        delegation, checks: as they were found.
        passed: all checks together; None where nothing was verified.
    """

    container: str
    file: str
    bytes: int
    sha256: str = NOTHING
    parts: Mapping[str, int] = field(default_factory=dict)
    delegation: Delegation | None = None
    checks: tuple[Check, ...] = ()
    passed: bool | None = None


@dataclass(frozen=True)
class Model:
    """One model of the comparison.

    Args:
        model: "bag of words", "teacher", "baseline" or "student".
        container: of a file, e.g. "pte"; None for what is no file.
        precision: "fp32", or a file's quantization; None where the word has no meaning.
        what: in a few words.
        file: the sealed file's name.
        parameters, bytes: its size.
        dev, test: its metrics by name, 0..1 or -1..1.
        failed: why there is no such file.
    """

    model: str
    container: str | None = None
    precision: str | None = None
    what: str = ""
    file: str | None = None
    parameters: int | None = None
    bytes: int | None = None
    dev: Mapping[str, float] | None = None
    test: Mapping[str, float] | None = None
    failed: str | None = None

    @property
    def name(self) -> str:
        """ "student .pte int8", "teacher (fp32)", "bag of words"."""
        if self.container is not None:
            return f"{self.model} .{self.container} {self.precision}"
        return self.model if self.precision is None else f"{self.model} ({self.precision})"

    @property
    def brief(self) -> str:
        """What there is room for in a plot."""
        return self.model if self.container is None else f"{self.model} .{self.container}"

    def score(self, metric: str, split: str) -> float | None:
        return ({"dev": self.dev, "test": self.test}[split] or {}).get(metric)


@dataclass(frozen=True)
class Trained:
    """How a stage went: what `auto` chose (see distill.auto.Choice), and the minutes planned and taken."""

    choices: tuple[Mapping[str, Any], ...]
    planned_minutes: float | None
    minutes: float | None


@dataclass(frozen=True)
class MoreTexts:
    """What an operation made for the teacher to label (see distill.augmented.more_texts)."""

    what: str
    made: int
    kept: int
    compared: int
    agreement: float | None
    changed: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Against:
    """A student's file held against the teacher's of the same container and precision.

    Args:
        teacher: that file's name.
        speed: the teacher's median time over this one's, both of one run; None where one was not timed.
        size: bytes over the teacher's.
        points: of the metric on the last split, as shown.
    """

    teacher: str
    speed: float | None
    size: float | None
    points: str

    def __str__(self) -> str:
        speed = [] if self.speed is None else [f"{self.speed:.1f} × as fast"]
        size = [] if self.size is None else [f"{100 * self.size:.0f} % of the size"]
        return ", ".join(speed + size + ([self.points] if self.points else [])) or NOTHING


@dataclass(frozen=True)
class Line:
    """A model with everything that was seen of it.

    Args:
        model: of the comparison.
        record: of the bench; None where it was not timed.
        passed: verification of a file; None for what is no file or was not verified.
        against: None for what is no student's file, or where the teacher has no such file.
    """

    model: Model
    record: Record | None
    passed: bool | None
    against: Against | None

    @property
    def p50(self) -> str:
        return show_ms(quantile(self.record, "forward") if self.record else None)

    @property
    def memory(self) -> str:
        return show_bytes(over_base(self.record) if self.record else None)

    @property
    def compared(self) -> str:
        return f"not exported: {self.model.failed}" if self.model.failed else str(self.against or NOTHING)


@dataclass(frozen=True)
class Summary:
    """The whole: `stages/report.py` writes it, and says what each key holds."""

    name: str
    schema: int = SCHEMA
    command: str | None = None
    created: str | None = None
    machine: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    task: Mapping[str, Any] = field(default_factory=dict)
    metric: str = "accuracy"
    data: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    models: tuple[Model, ...] = ()
    files: tuple[File, ...] = ()
    bench: tuple[Record, ...] = ()
    checks: tuple[Finding, ...] = ()
    standing: str | None = None
    doctor: tuple[Finding, ...] = ()
    training: Mapping[str, Trained] = field(default_factory=dict)
    augment: Mapping[str, MoreTexts] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def splits(self) -> list[str]:
        """ "dev" and "test", as far as anything was measured on them."""
        return [split for split in ("dev", "test") if any(model.score(self.metric, split) is not None for model in self.models)]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Of each split, as far as they are known."""
        return {split: part["rows"] for split, part in self.data.items() if part and part.get("rows")}

    @property
    def failures(self) -> list[Finding]:
        """The checks of the student that say that it is not worth shipping."""
        return failed(self.checks)

    def trained(self, kind: str) -> Model | None:
        """The model of that kind that is no file."""
        return next((model for model in self.models if model.model == kind and model.container is None), None)

    @cached_property
    def lines(self) -> list[Line]:
        """All models in their order."""
        timed = {record.name: record for record in self.bench if is_file(record)}
        passed = {file.file: file.passed for file in self.files}
        found = []
        for model in self.models:
            key = model.file or ""  # names no file, and finds nothing
            found.append(Line(model, timed.get(key), passed.get(key), self._against(model, timed)))
        return found

    def _against(self, model: Model, timed: Mapping[str, Record]) -> Against | None:
        if model.model != "student" or model.container is None:
            return None
        same = (model.container, model.precision)
        teachers = (m for m in self.models if m.model == "teacher" and (m.container, m.precision) == same)
        teacher = next((m for m in teachers if m.file), None)
        if teacher is None or teacher.file is None:
            return None
        slow, fast = (quantile(timed[key], "forward") if key in timed else None for key in (teacher.file, model.file or ""))
        own, its = (m.score(self.metric, self.splits[-1]) if self.splits else None for m in (model, teacher))
        return Against(
            teacher.file,
            speed=slow / fast if slow and fast else None,
            size=model.bytes / teacher.bytes if model.bytes and teacher.bytes else None,
            points="" if own is None or its is None else show_points(self.metric, own, its),
        )

    def brief(self, record: Record) -> str:
        """What there is room for in a plot: "student .pte" for a file, a baseline's name."""
        teachers = {model.file for model in self.models if model.model == "teacher"}
        whose = "teacher" if record.name in teachers else "student"
        return f"{whose} .{record.container}" if is_file(record) else record.name


def read_summary(summary: Mapping[str, Any], where: object = "summary.json") -> Summary:
    """What summary.json holds.

    Args:
        summary: as a dictionary.
        where: what an error calls it.

    Raises:
        UserError: another schema, or it is not the summary of a build.
    """
    found = summary.get("schema") if isinstance(summary, Mapping) else None
    if isinstance(found, int) and found != SCHEMA:
        version = "an older" if found < SCHEMA else "another"
        raise UserError(
            f"{where}: was written by {version} version of pocketbert (schema {found}, this one reads {SCHEMA}); build again."
        )
    try:
        return _SUMMARY.validate_python({"schema": None} | dict(summary))
    except (ValidationError, TypeError, ValueError) as error:
        at = error.errors(include_url=False)[0] if isinstance(error, ValidationError) else None
        why = f"{'.'.join(map(str, at['loc']))}: {at['msg']}" if at else error
        raise UserError(f"{where}: is not the complete summary of a build ({why}).") from None


_SUMMARY = TypeAdapter(Summary)
