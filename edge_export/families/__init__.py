"""One file per model family: CLASSES, the Hugging Face classes that it reads, and `read(model) -> Parts`.

A reader's model is Any, since torch declares every attribute of a module as Tensor | Module.

`parts_of` is the only door, and it takes nothing on trust: a weight that no part accounts for, or a part that is not
the plain module it should be, means that the model computes something else than the encoder would.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from pocketbert.edge_export.families.parts import LayerParts, Parts
from pocketbert.tasks import UserError

__all__ = ["LayerParts", "Parts", "parts_of"]

PLAIN = (nn.Linear, nn.Embedding, nn.LayerNorm)


def parts_of(model: nn.Module) -> Parts:
    """The parts of a Hugging Face BERT-type sequence classifier.

    Raises:
        UserError: the class, a config key or a module is not one that the encoder can stand for; the message names it.
    """
    readers = _readers()
    name = type(model).__name__
    if name not in readers:
        raise UserError(
            f"{name} is not a model that can be exported; these can: {', '.join(sorted(readers))}. "
            "Distil it into one of them, or fine-tune one of them."
        )
    _refuse_config(model)
    parts = readers[name](model)
    _refuse_modules(model, parts)
    return parts


def _readers() -> dict[str, Callable[[Any], Parts]]:
    found = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        found |= {name: module.read for name in getattr(module, "CLASSES", ())}
    return found


def _refuse_config(model: nn.Module) -> None:
    """What the config can ask for and the graph does not compute."""
    # transformers 5 has no relative positions any more and drops their weights silently: old configs still ask for them
    kind = getattr(model.config, "position_embedding_type", None) or "absolute"
    if kind != "absolute":
        raise UserError(f'config.json: "position_embedding_type" is "{kind}"; only absolute positions can be exported.')
    for key in ("is_decoder", "add_cross_attention"):
        if getattr(model.config, key, False):
            raise UserError(f'config.json: "{key}" is true; only encoders that see the whole text can be exported.')


def _refuse_modules(model: nn.Module, parts: Parts) -> None:
    names = {module: name for name, module in model.named_modules()}
    known: set[int] = set()
    for module in parts.modules():
        if type(module) not in PLAIN:
            raise UserError(
                f'module "{names.get(module, "?")}" is a {type(module).__name__}, not a plain '
                "Linear, Embedding or LayerNorm; merge adapters and undo quantization before exporting."
            )
        known.update(id(parameter) for parameter in module.parameters())
    for name, parameter in model.named_parameters():
        if id(parameter) not in known:
            raise UserError(
                f'module "{name.rpartition(".")[0]}" ({tuple(parameter.shape)}) is not part of a '
                f"{type(model).__name__} that can be exported."
            )
        if not bool(torch.isfinite(parameter).all()):
            raise UserError(f'weight "{name}" holds NaN or infinity; the training that made it diverged.')
