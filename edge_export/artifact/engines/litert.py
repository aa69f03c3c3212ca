"""LiteRT (`ai-edge-litert`), with XNNPACK on: .tflite files."""

from __future__ import annotations

import importlib.metadata
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pocketbert.edge_export.artifact.engines.silence import silent_stderr
from pocketbert.edge_export.artifact.manifest import INPUTS
from pocketbert.tasks import UserError

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter


class LiteRtEngine:
    """One interpreter; a length is set only when it changes, which packs no weight again."""

    name = "litert"

    def __init__(self, path: Path, threads: int) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise UserError(f"{path.name} needs the LiteRT runtime ({error}); `pip install ai-edge-litert`.") from None
        self.version = importlib.metadata.version("ai-edge-litert")
        try:
            with silent_stderr():
                interpreter = Interpreter(model_path=str(path), num_threads=threads)
                interpreter.allocate_tensors()  # creates the delegate, which says so
            self._inputs = _inputs_by_name(path, interpreter)
            self._output = interpreter.get_output_details()[0]["index"]
        except (ValueError, RuntimeError) as error:
            raise UserError(f"{path}: LiteRT {self.version} cannot open the graph ({error}).") from None
        self._interpreter: Interpreter | None = interpreter
        self._length = None
        self._lock = threading.Lock()  # an interpreter's tensors belong to one text at a time

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray, token_type_ids: np.ndarray) -> np.ndarray:
        """All three int32 (1, n); gives float32 (1, outputs).

        Raises:
            UserError: the engine is closed, or LiteRT failed (its words are quoted).
        """
        n = input_ids.shape[1]
        with self._lock:
            if self._interpreter is None:
                raise UserError("this model has been closed; open the file again.")
            try:
                if n != self._length:
                    self._length = None  # until it is allocated: after a failure the next run sets its length again
                    for index in self._inputs:
                        self._interpreter.resize_tensor_input(index, [1, n])
                    self._interpreter.allocate_tensors()
                    self._length = n
                for index, row in zip(self._inputs, (input_ids, attention_mask, token_type_ids), strict=True):
                    self._interpreter.set_tensor(index, row)
                self._interpreter.invoke()
                return self._interpreter.get_tensor(self._output)  # a copy, (1, outputs)
            except (ValueError, RuntimeError) as error:
                raise UserError(f"the model could not run on {n} tokens in LiteRT {self.version} ({error}).") from None

    def close(self) -> None:
        with self._lock:
            self._interpreter = None


def _inputs_by_name(path: Path, interpreter: Interpreter) -> list[int]:
    """Tensor indices in the order of INPUTS; by name, since a converter may reorder them."""
    signatures = interpreter.get_signature_list()
    if len(signatures) != 1 or sorted(next(iter(signatures.values()))["inputs"]) != sorted(INPUTS):
        raise UserError(f"{path}: the graph's inputs are not {', '.join(INPUTS)}.")
    tensors = interpreter._get_full_signature_list()[next(iter(signatures))]["inputs"]
    details = {detail["index"]: detail for detail in interpreter.get_input_details()}
    if any(details[tensors[name]]["dtype"] != np.int32 for name in INPUTS):
        raise UserError(f"{path}: the graph's inputs are not int32.")
    return [tensors[name] for name in INPUTS]


def open_engine(path: Path, threads: int) -> LiteRtEngine:
    """Opens a .tflite.

    Raises:
        UserError: the runtime is missing, or refuses the file.
    """
    return LiteRtEngine(path, threads)
