"""What a runtime has to offer: numbers in, numbers out."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Engine(Protocol):
    """A loaded model. Callers check ids, mask and length first (guard.py): runtimes abort the process on a bad id."""

    name: str  #: the runtime, e.g. "litert", "onnxruntime", "executorch-native", "executorch-python"
    version: str  #: its version, e.g. "2.3.0"

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray, token_type_ids: np.ndarray) -> np.ndarray:
        """All three int32 (1, n); gives float32 (1, outputs)."""
        ...

    def close(self) -> None:
        """Frees the model; the engine cannot run afterwards."""
        ...
