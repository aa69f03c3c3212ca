"""Which engine measures a container, and its libraries loaded ahead of the model."""

from __future__ import annotations

import importlib
import importlib.util

from pocketbert.tasks import UserError


def engine_of(container: str) -> tuple[str, str]:
    """(engine for `start`, why it is not the one wanted).

    A .pte is measured in the native runner, whose process holds no torch; without a compiler in the Python runtime.

    Raises:
        UserError: neither can be had.
    """
    if container != "pte":
        return "auto", ""
    from pocketbert.edge_export.artifact.engines import executorch_native

    try:
        executorch_native.built_library()
    except executorch_native.NativeUnavailable as error:
        if importlib.util.find_spec("torch") is None:
            raise
        return "python", f"the .pte runs in the Python runtime, which needs torch ({error})"
    return "native", ""


def preload(container: str) -> None:
    """Loads the runtime's libraries, so that what memory a model takes can be told from what its runtime takes."""
    try:
        if container == "tflite":
            importlib.import_module("ai_edge_litert.interpreter")
        elif container == "onnx":
            importlib.import_module("onnxruntime")
        else:
            from pocketbert.edge_export.artifact.engines import executorch_native

            executorch_native.load_library()
    except ImportError as error:
        hint = "run `pip install -c constraints.txt -e .` in the clone of pocketbert"
        raise UserError(f"the runtime of .{container} files is missing ({error}); {hint}.") from None
