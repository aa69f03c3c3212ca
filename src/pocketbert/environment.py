"""Which Python can train and export, and what is installed."""

from __future__ import annotations

import importlib.metadata
import sys

from pocketbert.tasks.errors import UserError

TESTED = (3, 11)
# executorch 1.5.1 refuses 3.15 and later, and LiteRT's converter has no wheel for them; versions of numpy, pandas and onnxruntime
# that fit these tools have none for 3.10
OLDEST, NEWEST = (3, 11), (3, 14)
TRAINING = ("torch", "transformers", "accelerate", "tokenizers")
RUNTIMES = ("executorch", "ai-edge-litert", "onnxruntime", "tokenizers")
LOWERING = ("torch", "transformers", "torchao", "litert-torch", "ai-edge-quantizer", "onnx", "onnxscript", *RUNTIMES)
SHOWN = ("pocketbert", "torch", "transformers", "executorch", "torchao", "litert-torch", "ai-edge-quantizer", "ai-edge-litert")
SHOWN += ("onnxruntime", "onnx", "tokenizers", "numpy")


def check_training_python() -> None:
    """Raises UserError where this Python cannot train or export; says so where it was never tested."""
    version = sys.version_info[:2]
    shown = ".".join(map(str, version))
    if not OLDEST <= version <= NEWEST:
        raise UserError(
            f"training and export do not work on Python {shown}: their libraries have wheels for 3.11 to 3.14. "
            "Use Python 3.11, which is the tested one. (Reading, predicting and benching work here.)"
        )
    if version != TESTED:
        from pocketbert.console import say

        say(f"[yellow]! Python {shown}: training and export are tested on 3.11 only.[/]")


def versions() -> dict[str, str]:
    """Distribution name -> version, of what matters and is installed."""
    return {name: found for name in SHOWN if (found := version_of(name)) is not None}


def version_of(name: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
