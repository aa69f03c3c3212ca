"""golden.json (docs/artifact.md section 6): vectors by which a file checks itself wherever it is opened."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pocketbert.edge_export.artifact.manifest import Number, Whole
from pocketbert.edge_export.artifact.strict_json import parse_json
from pocketbert.tasks import UserError

LEAST_VECTORS = 64
# How far the same graph may be off on another machine. fp32, as a share of the largest absolute output: sums in another order
# differ by a few 1e-7 per layer.
FLOAT_SPREAD = 1e-5
# int8, as shares of the range of all outputs: three quarters of the vectors, and each of them. The same last bits now and then
# flip a rounding of the activations, and the layers behind multiply that: most texts are exact, a few are not, and are farther
# off where one scale holds for a whole tensor. Ten files of six-layer models, sealed on x86-64, were run on emulated Cortex-A72
# and A76: three quarters of the vectors were off by 0.0016 at most, the farthest by 0.0098 (per token) and 0.036 (per tensor).
SPREADS = {"fp32": (0.0, 0.0), "dynamic_int8_per_token": (0.005, 0.03), "dynamic_uint8_per_tensor": (0.005, 0.1)}


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
class Reproducibility:
    """How far outputs may be from the recorded ones wherever a file runs, in units of the output.

    Independent of how far quantization moved them: coarser numbers are no reason to let a broken kernel pass.

    Args:
        typical: of three quarters of the vectors at least; a graph that computes something else moves all of them.
        largest: of every vector.
    """

    typical: float
    largest: float

    def enough(self, typical: int, vectors: int) -> bool:
        """Whether so many of the vectors may be the only ones within `typical`."""
        return 4 * typical >= 3 * vectors


@dataclass(frozen=True)
class Golden:
    reproducibility: Reproducibility
    vectors: tuple[GoldenVector, ...]

    @property
    def quantization_distance(self) -> float:
        """The largest difference between the fp32 student and this file, in units of the output."""
        return float(max(np.abs(vector.student.astype(np.float64) - vector.output).max() for vector in self.vectors))


def reproducibility(outputs: np.ndarray, activations: str) -> Reproducibility:
    """What a file of these outputs is held to.

    Args:
        outputs: float32 (vectors, outputs), when it was sealed.
        activations: what the manifest says of them.
    """
    least, span = FLOAT_SPREAD * float(np.abs(outputs).max()), float(np.ptp(outputs))
    typical, largest = SPREADS[activations]
    return Reproducibility(max(typical * span, least), max(largest * span, least))


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
    tolerances = {"tolerance": _tolerance_of_1_0(golden), "reproducibility": asdict(golden.reproducibility)}
    return json.dumps({**tolerances, "vectors": vectors}, ensure_ascii=False, allow_nan=False).encode()


def _tolerance_of_1_0(golden: Golden) -> float:
    """What a reader of format 1.0, which knows no other, holds outputs to: twice the quantization distance."""
    return max(2 * golden.quantization_distance, golden.reproducibility.largest)


class _Vector(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    texts: list[str]
    input_ids: list[Whole] = Field(min_length=2)
    token_type_ids: list[Whole]
    student: list[Number]
    output: list[Number]


class _Reproducibility(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    typical: Number = Field(gt=0)
    largest: Number = Field(gt=0)


class _Golden(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    tolerance: Number = Field(gt=0)
    reproducibility: _Reproducibility | None = None  # absent in format 1.0, which has one number for everything
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
    given = found.reproducibility
    allowed = (given.typical, given.largest) if given else (found.tolerance, found.tolerance)
    return Golden(Reproducibility(*allowed), tuple(vectors))
