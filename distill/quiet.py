"""Hugging Face's libraries without their chatter, for the length of a block."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

import transformers.utils.logging as hf_logging

NOISY = ("accelerate", "huggingface_hub", "datasets")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences weight-loading bars, tokenizer and Trainer warnings; errors still pass. All is as before afterwards."""
    level = hf_logging.get_verbosity()
    bars = hf_logging.is_progress_bar_enabled()
    others = {name: logging.getLogger(name).level for name in NOISY}
    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()
    for name in others:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        hf_logging.set_verbosity(level)
        if bars:
            hf_logging.enable_progress_bar()
        for name, before in others.items():
            logging.getLogger(name).setLevel(before)
