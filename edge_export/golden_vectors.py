"""Golden vectors of a lowered graph, made in the runtime that will run it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from pocketbert.edge_export.artifact.golden import Golden, GoldenVector, reproducibility
from pocketbert.edge_export.artifact.manifest import Lengths
from pocketbert.edge_export.artifact.session import open_compute, padded
from pocketbert.edge_export.artifact.tokenizing import Encoded
from pocketbert.edge_export.lowering.lowered import Lowered, Wanted
from pocketbert.tasks import UserError
from pocketbert.tasks.errors import setting

FLOAT_MOST = 1e-3  # of the largest output: far above fp32's own noise (1e-6), far below any real difference
LEAST_ALIKE = 0.95  # of outputs over 64 and more different texts: rounding to 8 bits leaves more, another graph far less
# A text that rounding to 8 bits moves by half of the range over which all outputs lie gets whichever answer. The most that was
# seen of a student that kept its accuracy is a quarter (SST-2, .onnx).
DISTANCE_MOST = 0.5
FP32 = setting("export.quantization", "--quantization", "fp32")

# (texts, their ids, the fp32 student's logits (outputs,))
Seen = tuple[tuple[str, ...], Encoded, np.ndarray]


def record_golden(seen: Sequence[Seen], pad_id: int, lowered: Lowered, lengths: Lengths, wanted: Wanted) -> Golden:
    """Runs every golden text in the graph's own runtime.

    Args:
        seen: what the student gave.
        pad_id: for static lengths.
        lowered: the graph, not sealed yet.
        lengths: at which it runs.
        wanted: what it was lowered to.

    Raises:
        UserError: the runtime is missing, or the graph computes something else than the student.
    """
    outputs = []
    with tempfile.TemporaryDirectory(prefix="pocketbert-") as folder:
        path = Path(folder) / f"model.{lowered.container}"
        path.write_bytes(lowered.compute)
        with contextlib.closing(open_compute(lowered.container, path)) as engine:
            for _, found, _ in seen:
                rows = padded(lengths, pad_id, found.input_ids, found.attention_mask, found.token_type_ids)
                outputs.append(engine.run(*rows)[0])
    students = np.stack([student for _, _, student in seen])  # (vectors, outputs)
    if wanted.probabilities:
        students = torch.softmax(torch.from_numpy(students), -1).numpy()
    check_is_student(lowered.container, students, np.stack(outputs), wanted.quantization.quantized)
    vectors = [
        GoldenVector(texts, found.input_ids[0], found.token_type_ids[0], student, output)
        for (texts, found, _), student, output in zip(seen, students, outputs, strict=True)
    ]
    activations = wanted.quantization.described(lowered.container)["activations"]
    return Golden(reproducibility(np.stack(outputs), activations), tuple(vectors))


def check_is_student(container: str, students: np.ndarray, outputs: np.ndarray, quantized: bool) -> None:
    """Refuses a graph that computes something else than the student: the file would only be held against itself.

    Args:
        students, outputs: float32 (vectors, outputs), of the fp32 student and of the graph in its runtime.

    Raises:
        UserError: outputs that are not finite; fp32 outputs that differ; int8 outputs that do not correlate, or one of which is
            too far from the student's.
    """
    if not (np.isfinite(students).all() and np.isfinite(outputs).all()):
        raise UserError(f".{container}: the graph or its student gives NaN or infinity on a golden text; the model is broken.")
    difference = float(np.abs(students - outputs).max())
    if not quantized and not difference <= FLOAT_MOST * np.abs(students).max():
        raise UserError(f".{container}: the graph's outputs differ from the student's by {difference:.3g}; it was lowered wrong.")
    spread = students.std() > 0 and outputs.std() > 0
    alike = float(np.corrcoef(students.ravel(), outputs.ravel())[0, 1]) if spread else 0.0
    if quantized and not alike >= LEAST_ALIKE:
        raise UserError(
            f".{container}: the int8 graph's outputs correlate only {alike:.3f} with the student's on the golden texts; "
            f"int8 does not suit this model ({FP32}) or it was lowered wrong."
        )
    if quantized and not difference <= DISTANCE_MOST * np.ptp(students):
        raise UserError(
            f".{container}: int8 moves an output by {difference:.3g} on the golden texts, whose outputs lie within "
            f"{np.ptp(students):.3g}; it does not suit this model ({FP32})."
        )
