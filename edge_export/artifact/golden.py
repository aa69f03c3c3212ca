"""golden.json (docs/artifact.md section 6): vectors by which a file checks itself wherever it is opened."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pocketbert.edge_export.artifact.manifest import Number, Whole
from pocketbert.edge_export.artifact.strict_json import parse_json
from pocketbert.tasks import UserError

LEAST_VECTORS = 64
FLOAT_FLOOR = 1e-5  # of the largest absolute output: fp32 sums in another order differ by a few 1e-7 per layer


@dataclass(frozen=True)
class GoldenVector:
    """One text or pair, its ids, and what came out.

    Args:
        texts: one or two strings.
        input_ids, token_type_ids: (n,) int32 from the reference tokenizer, without padding.
        student: (outputs,) float32 of the fp32 student.
        output: (outputs,) float32 of this file in its own runtime, when it was sealed.
    """

    texts: tuple[str, ...]
    input_ids: np.ndarray
    token_type_ids: np.ndarray
    student: np.ndarray
    output: np.ndarray


@dataclass(frozen=True)
class Golden:
    tolerance: float
    vectors: tuple[GoldenVector, ...]


def measured_tolerance(students: np.ndarray, outputs: np.ndarray) -> float:
    """Twice the largest difference of two (vectors, outputs) arrays, and at least the floor of fp32 arithmetic.

    Raises:
        UserError: a number is not finite.
    """
    if not (np.isfinite(students).all() and np.isfinite(outputs).all()):
        raise UserError("the exported graph or its student gives NaN or infinity on a golden text.")
    return float(max(2 * np.abs(students - outputs).max(), FLOAT_FLOOR * np.abs(outputs).max()))


def golden_bytes(golden: Golden) -> bytes:
    """The JSON of docs/artifact.md section 6."""
    vectors = [
        {
            "texts": list(vector.texts),
            "input_ids": vector.input_ids.tolist(),
            "token_type_ids": vector.token_type_ids.tolist(),
            "student": [float(x) for x in vector.student],
            "output": [float(x) for x in vector.output],
        }
        for vector in golden.vectors
    ]
    return json.dumps({"tolerance": golden.tolerance, "vectors": vectors}, ensure_ascii=False, allow_nan=False).encode()


class _Vector(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    texts: list[str]
    input_ids: list[Whole] = Field(min_length=2)
    token_type_ids: list[Whole]
    student: list[Number]
    output: list[Number]


class _Golden(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    tolerance: Number = Field(gt=0)
    vectors: list[_Vector] = Field(min_length=LEAST_VECTORS)


def parse_golden(data: bytes, outputs: int, pair: bool) -> Golden:
    """golden.json as arrays.

    Args:
        data: the entry's bytes.
        outputs: columns of the graph's output.
        pair: whether a vector has two texts.

    Raises:
        UserError: not of the specified shape; the place is named.
    """
    try:
        found = _Golden.model_validate(parse_json(data, "golden.json"))
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"golden.json, {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    vectors = []
    for i, entry in enumerate(found.vectors):
        if len(entry.token_type_ids) != len(entry.input_ids) or {len(entry.student), len(entry.output)} != {outputs}:
            raise UserError(f"golden.json, vectors.{i}: its lists do not fit together.")
        if len(entry.texts) != 1 + pair:
            raise UserError(f"golden.json, vectors.{i}: has {len(entry.texts)} texts, and the task {1 + pair}.")
        ints = (np.array(row, np.int32) for row in (entry.input_ids, entry.token_type_ids))
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
            floats = [np.array(row, np.float32) for row in (entry.student, entry.output)]
        if not np.isfinite(floats).all():
            raise UserError(f"golden.json, vectors.{i}: a number is too large for float32.")
        vectors.append(GoldenVector(tuple(entry.texts), *ints, *floats))
    return Golden(found.tolerance, tuple(vectors))
