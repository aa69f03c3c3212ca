"""ExecuTorch through its Python extension, which loads torch (700 MB of memory): where torch is at hand anyway."""

from __future__ import annotations

import importlib
import importlib.metadata
import threading
from pathlib import Path

import numpy as np

from pocketbert.edge_export.artifact.engines import executorch_threads
from pocketbert.edge_export.artifact.engines.silence import silent_stderr
from pocketbert.tasks import UserError
from pocketbert.tasks.errors import not_installed

METHOD = "forward"


class Engine:
    """A .pte opened in `executorch.runtime`."""

    name = "executorch-python"

    def __init__(self, method, longest: int) -> None:
        self.version = importlib.metadata.version("executorch")
        self.longest = longest  # tokens that the program plans memory for
        self._method = method
        self._lock = threading.Lock()  # a program runs one text at a time

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray, token_type_ids: np.ndarray) -> np.ndarray:
        """All three int32 (1, n), n up to `longest`; gives float32 (1, outputs).

        Raises:
            UserError: another type or shape, the engine is closed, or ExecuTorch failed (its error number is named).
        """
        import torch

        arrays = [np.ascontiguousarray(array) for array in (input_ids, attention_mask, token_type_ids)]
        n = arrays[0].size
        if any(array.dtype != np.int32 or array.shape != (1, n) for array in arrays):
            given = ", ".join(f"{array.dtype} {array.shape}" for array in arrays)
            raise UserError(f"the model takes three int32 arrays of one shape (1, n), not {given}.")
        if not 1 <= n <= self.longest:
            raise UserError(f"a text of {n} tokens; the program takes 1 to {self.longest}.")
        with self._lock:
            if self._method is None:
                raise UserError("this model has been closed; open the file again.")
            try:
                (out,) = self._method.execute([torch.from_numpy(array) for array in arrays])
            except RuntimeError as error:
                raise UserError(f"the model could not run: {error}.") from None
            return out.numpy()  # a copy: the runtime clones its outputs

    def close(self) -> None:
        with self._lock:
            if self._method is not None:
                self._method = None
                executorch_threads.release()


def open_engine(path: Path, threads: int) -> Engine:
    """The file's program, ready to run.

    Args:
        path: a .pte.
        threads: of the pool that all programs of this process share; it can only change while none is open.

    Raises:
        UserError: torch or executorch is missing, ExecuTorch refused the file, or the thread count cannot be had.
    """
    with silent_stderr():  # start-up notes on CPU and thread pool
        runtime, extension = _extension()
        method = _load(path, threads, runtime, extension)
    sizes = [method.metadata.input_tensor_meta(i).sizes() for i in range(method.metadata.num_inputs())]
    if len(sizes) != 3 or any(len(size) != 2 or size[0] != 1 for size in sizes):
        executorch_threads.release()
        raise UserError(f"{path}: the program's inputs are {sizes}, not three of shape [1, n].")
    return Engine(method, min(size[1] for size in sizes))


def _load(path: Path, threads: int, runtime, extension):
    """The program's method, with the thread pool claimed for it."""
    executorch_threads.claim(threads)
    try:
        if extension._threadpool_get_thread_count() != threads:
            extension._unsafe_reset_threadpool(threads)
        return runtime.load_program(path, verification=extension.Verification.InternalConsistency).load_method(METHOD)
    except BaseException as error:
        executorch_threads.release()
        if isinstance(error, RuntimeError):
            raise UserError(f"{path}: ExecuTorch refused the program ({error}).") from None
        raise


def _extension():
    """The runtime and the extension module below it; the quantized kernels are registered first, as a side effect."""
    try:
        importlib.import_module("torch")
        importlib.import_module("executorch.kernels.quantized")
        extension = importlib.import_module("executorch.extension.pybindings.portable_lib")
        runtime = importlib.import_module("executorch.runtime").Runtime.get()
    except ImportError as error:
        raise UserError(
            f"{not_installed('the ExecuTorch Python runtime', error.name, 'export')} "
            "Without torch, the native engine runs a .pte with executorch alone and a C++ compiler."
        ) from None
    return runtime, extension
