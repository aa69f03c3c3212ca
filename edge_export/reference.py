"""What the fp32 student gives on the data, recorded when it is exported: `verify` needs it, and needs no torch then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketbert.tasks import Example, Task, UserError, fingerprint, targets_of
from pocketbert.tasks.files import write_file

SCHEMA = 1


@dataclass(frozen=True)
class Reference:
    """Recorded outputs on one data file.

    Args:
        data: the file's name.
        fingerprint: of its examples (tasks.fingerprint).
        student: float32 (rows, outputs).
        student_metrics, teacher_metrics: by name; the teacher's is empty where there was none.
        teacher: float32 (rows, outputs), or None.
    """

    data: str
    fingerprint: str
    student: np.ndarray
    student_metrics: dict[str, float]
    teacher: np.ndarray | None
    teacher_metrics: dict[str, float]


def make_reference(
    task: Task, data: str, examples: Sequence[Example], student: np.ndarray, teacher: np.ndarray | None
) -> Reference:
    """Scores both on the examples' targets."""
    targets = targets_of(list(examples))
    return Reference(
        data=data,
        fingerprint=fingerprint(examples),
        student=student,
        student_metrics=task.metrics(student, targets),
        teacher=teacher,
        teacher_metrics={} if teacher is None else task.metrics(teacher, targets),
    )


def write_reference(path: Path, reference: Reference) -> None:
    """JSON, written atomically; float32 numbers are kept exactly."""
    entry = {
        "schema": SCHEMA,
        "data": reference.data,
        "fingerprint": reference.fingerprint,
        "student_metrics": reference.student_metrics,
        "teacher_metrics": reference.teacher_metrics,
        "student": _numbers(reference.student),
        "teacher": None if reference.teacher is None else _numbers(reference.teacher),
    }
    write_file(path, json.dumps(entry, allow_nan=False).encode())


def read_reference(path: Path | str) -> Reference:
    """The recorded outputs.

    Raises:
        UserError: missing, cannot be read, or not such a file.
    """
    path = Path(path)
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        if entry["schema"] != SCHEMA:
            raise UserError(f"{path}: has schema {entry['schema']}, this version reads {SCHEMA}; export the model again.")
        return Reference(
            entry["data"],
            entry["fingerprint"],
            np.array(entry["student"], np.float32),
            entry["student_metrics"],
            None if entry["teacher"] is None else np.array(entry["teacher"], np.float32),
            entry["teacher_metrics"],
        )
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `pocketbert export` writes it beside the sealed files.") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}).") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: is not a reference written by `pocketbert export` ({error}).") from None


def _numbers(rows: np.ndarray) -> list[list[float]]:
    # a float32's shortest decimal in its own precision: a third of the bytes, and read back the same
    return [[float(str(number)) for number in row] for row in rows.astype(np.float32)]
