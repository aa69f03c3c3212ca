"""Tools that talk about themselves: their warnings are not the user's, their errors are."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# each says on every run something that nobody who exports can act on (deprecations inside torch, pre-processing advice)
TALKERS = ("torch", "torchao", "executorch", "onnxscript", "onnx_ir", "root")


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing below an error is logged or warned of inside; errors and exceptions come through."""
    loggers = [logging.getLogger(name) for name in TALKERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
