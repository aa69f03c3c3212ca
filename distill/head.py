"""Where a new regression head begins."""

from __future__ import annotations

import torch
from torch import nn
from transformers import PreTrainedModel

from pocketbert.tasks import Task


def new_head(model: PreTrainedModel) -> None:
    """Draws the linear layers above the encoder anew, from the global generator, spread as transformers spreads new ones."""
    encoder = set(model.base_model.modules())
    for module in model.modules():
        if isinstance(module, nn.Linear) and module not in encoder:
            nn.init.normal_(module.weight, std=getattr(model.config, "initializer_range", 0.02))
            nn.init.zeros_(module.bias)


def start_head(model: PreTrainedModel, task: Task) -> None:
    """Lets a new regression head begin at the middle of the task's range, with outputs as spread as its targets.

    Heads begin near 0 with small weights, and at fine-tuning rates a bias takes thousands of steps to reach a target of 50.
    A classification head is left alone, and so is one whose range nobody knows.
    """
    if task.kind != "regression" or task.range is None:
        return
    low, high = task.range
    encoder = set(model.base_model.modules())
    last = [module for module in model.modules() if isinstance(module, nn.Linear) and module not in encoder][-1]
    with torch.no_grad():
        last.bias.fill_((low + high) / 2)
        last.weight.mul_((high - low) / 4)  # about one standard deviation of targets that fill their range
