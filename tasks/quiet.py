"""Libraries that talk about themselves: their warnings are not the user's, their errors are."""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator

# Each says on every run something that nobody here can act on: deprecations inside torch, enums that torchao registers, advice
# to pre-process a graph, weights that are loaded. "root" is onnxruntime's quantizer.
TALKERS = (
    "transformers",
    "accelerate",
    "huggingface_hub",
    "datasets",
    "torch",
    "torch.utils._pytree",
    "torchao",
    "executorch",
    "onnxscript",
    "onnx_ir",
    "onnxruntime.transformers",
    "root",
)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing below an error is logged or warned of inside, and no weight-loading bar is shown. All is as before afterwards."""
    loggers = [logging.getLogger(name) for name in TALKERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), _without_bars():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _without_bars() -> Iterator[None]:
    """transformers keeps its bars' switch in a variable of its own; where it is not loaded, there are no bars."""
    switch = sys.modules.get("transformers.utils.logging")
    if switch is None or not switch.is_progress_bar_enabled():
        yield
        return
    switch.disable_progress_bar()
    try:
        yield
    finally:
        switch.enable_progress_bar()
