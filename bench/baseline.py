"""What the files are held against in the same run: a plain .onnx file, or a callable from a room that has torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from pocketbert.edge_export.artifact.manifest import INPUTS
from pocketbert.tasks import UserError

# ids, mask, types, each int32 (1, n) -> float32 (1, outputs)
Forward = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Baseline:
    """Exactly one of `onnx` and `call`.

    Args:
        name: e.g. "teacher".
        note: what it is, in words, e.g. "the student unmodified, fused and int8 by onnxruntime".
        onnx: a file for onnxruntime with the inputs input_ids, attention_mask and perhaps token_type_ids, int32 or int64
            (1, n); measured in the same process as the artifacts and in turns with them.
        call: measured in the caller's process, after the artifacts. It sets its own thread count to the plan's.
        runtime: of a callable, its name and version, e.g. ("torch", "2.13.0").
    """

    name: str
    note: str = ""
    onnx: Path | None = None
    call: Forward | None = None
    runtime: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        if (self.onnx is None) == (self.call is None):
            raise UserError(f'baseline "{self.name}": give either an .onnx file or a callable.')


def open_onnx(path: Path, threads: int) -> tuple[Forward, str]:
    """(its forward pass, onnxruntime's version).

    Raises:
        UserError: onnxruntime is missing or refuses the file, or it has other inputs.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError(f"{path} needs onnxruntime ({error}); `pip install onnxruntime`.") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no public base class
        raise UserError(f"{path}: onnxruntime {onnxruntime.__version__} cannot open the graph ({error}).") from None
    types = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}
    wanted = {entry.name: types.get(entry.type) for entry in session.get_inputs()}
    if not set(wanted) <= set(INPUTS) or None in wanted.values():
        raise UserError(f"{path}: a baseline's inputs are {', '.join(INPUTS)}, int32 or int64; found {sorted(wanted)}.")

    def forward(*rows: np.ndarray) -> np.ndarray:
        feed = {name: row.astype(wanted[name], copy=False) for name, row in zip(INPUTS, rows, strict=True) if name in wanted}
        return cast(np.ndarray, session.run(None, feed)[0])  # a graph may give maps too, a classifier's gives an array

    return forward, onnxruntime.__version__
