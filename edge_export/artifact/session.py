"""A sealed file opened in its runtime: the only way by which ids reach a graph."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketbert.edge_export.artifact.engines.engine import Engine
from pocketbert.edge_export.artifact.guard import check_inputs
from pocketbert.edge_export.artifact.manifest import Lengths
from pocketbert.edge_export.artifact.reader import Artifact
from pocketbert.edge_export.artifact.tokenizing import Encoded
from pocketbert.tasks import UserError

ENGINES = ("auto", "native", "python")


@dataclass(frozen=True)
class Session:
    """Artifact and engine together."""

    artifact: Artifact
    engine: Engine

    def run(self, encoded: Encoded) -> np.ndarray:
        """Checks the inputs, pads where the file has static lengths, runs: float32 (outputs,).

        Raises:
            UserError: see guard.check_inputs; or the runtime gave another shape than the manifest says.
        """
        manifest = self.artifact.manifest
        inputs = (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
        rows = padded(manifest.lengths, manifest.tokenizer.pad_id, *inputs)
        check_inputs(manifest, *rows)
        output = self.engine.run(*rows)
        if output.shape != (1, manifest.output.size):
            raise UserError(
                f"{self.artifact.path}: the graph gave an output of shape {list(output.shape)}, "
                f"the manifest says [1, {manifest.output.size}]."
            )
        return output[0]

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def padded(lengths: Lengths, pad_id: int, ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> list[np.ndarray]:
    """The three inputs, int32 (1, n), at the length at which a file runs them: unchanged for exact length."""
    missing = lengths.fit(ids.shape[1]) - ids.shape[1]
    fill = ((ids, pad_id), (mask, 0), (types, 0))
    return [np.pad(row, ((0, 0), (0, missing)), constant_values=value) for row, value in fill] if missing else [ids, mask, types]


def start(artifact: Artifact, threads: int = 1, engine: str = "auto") -> Session:
    """Opens the file in its runtime.

    Args:
        artifact: a file whose seal holds.
        threads: of the runtime.
        engine: for .pte "python" (needs torch), "native" (needs a C++ compiler) or "auto": python where torch is, else native.

    Raises:
        UserError: the runtime is missing (what to install is named) or too old for the file.
    """
    manifest = artifact.manifest
    opened = open_compute(manifest.container, artifact.path, threads, engine)
    least = manifest.runtime.least_version
    if _version(opened.version) < _version(least):
        opened.close()
        needed = f"{manifest.runtime.name} {least} or later"
        raise UserError(f"{artifact.path.name} needs {needed}, and {opened.version} is installed.")
    return Session(artifact, opened)


def open_compute(container: str, path: Path, threads: int = 1, engine: str = "auto") -> Engine:
    """Opens a container's graph with no seal around it: for who is about to seal it. Everyone else calls `start`.

    Raises:
        UserError: the runtime is missing or refuses the graph.
    """
    return _engine_module(container, engine).open_engine(path, threads)


def _engine_module(container: str, engine: str):
    if engine not in ENGINES:
        raise UserError(f'unknown engine "{engine}"; use one of {", ".join(ENGINES)}.')
    if container != "pte" and engine != "auto":
        raise UserError(f'engine "{engine}" is one of the two for .pte; a .{container} has only one runtime: leave it at "auto".')
    # imported here: each runtime is loaded only by who has a file for it
    if container == "tflite":
        from pocketbert.edge_export.artifact.engines import litert

        return litert
    if container == "onnx":
        from pocketbert.edge_export.artifact.engines import onnx_runtime

        return onnx_runtime
    if engine == "python" or (engine == "auto" and importlib.util.find_spec("torch")):
        from pocketbert.edge_export.artifact.engines import executorch_python

        return executorch_python
    from pocketbert.edge_export.artifact.engines import executorch_native

    return executorch_native


def _version(text: str) -> tuple[int, ...]:
    """major, minor, patch; what is missing is 0, and what follows them (rc1, +cpu) is not looked at."""
    numbers = [int(re.sub(r"\D.*", "", part) or 0) for part in text.split("+")[0].split(".")[:3]]
    return tuple(numbers + [0] * (3 - len(numbers)))
