"""onnxruntime on the CPU: .onnx files."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np

from pocketbert.edge_export.artifact.manifest import INPUTS
from pocketbert.tasks import UserError


class OnnxEngine:
    """One session."""

    name = "onnxruntime"

    def __init__(self, path: Path, threads: int) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise UserError(f"{path.name} needs onnxruntime ({error}); `pip install onnxruntime`.") from None
        self.version = onnxruntime.__version__
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3  # its warnings on graph details are not the user's business
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions share no public base class
            raise UserError(f"{path}: onnxruntime {self.version} cannot open the graph ({error}).") from None
        found = {entry.name: entry.type for entry in self._session.get_inputs()}
        if found != dict.fromkeys(INPUTS, "tensor(int32)"):
            raise UserError(f"{path}: the graph's inputs are {found}, expected int32 {', '.join(INPUTS)}.")

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray, token_type_ids: np.ndarray) -> np.ndarray:
        """All three int32 (1, n); gives float32 (1, outputs).

        Raises:
            UserError: the engine is closed, or onnxruntime failed (its words are quoted).
        """
        if self._session is None:
            raise UserError("this model has been closed; open the file again.")
        feed = dict(zip(INPUTS, (input_ids, attention_mask, token_type_ids), strict=True))
        try:
            # a graph may give maps too, a classifier's gives an array, (1, outputs)
            return cast(np.ndarray, self._session.run(None, feed)[0])
        except Exception as error:  # onnxruntime's exceptions share no public base class
            n = input_ids.shape[1]
            raise UserError(f"the model could not run on {n} tokens in onnxruntime {self.version} ({error}).") from None

    def close(self) -> None:
        self._session = None


def open_engine(path: Path, threads: int) -> OnnxEngine:
    """Opens a .onnx.

    Raises:
        UserError: the runtime is missing, or refuses the file.
    """
    return OnnxEngine(path, threads)
