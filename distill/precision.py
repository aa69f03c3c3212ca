"""Where a stage computes, and whether in bfloat16."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from typing import TypeVar

import torch
from torch import nn

from pocketbert.distill.options import TrainOptions
from pocketbert.tasks import Task

Model = TypeVar("Model", bound=nn.Module)
Options = TypeVar("Options", bound=TrainOptions)


def device() -> torch.device:
    """The first GPU that torch sees, or the CPU; of processes that torchrun started, each has the GPU of its own number."""
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if torch.cuda.is_available() else torch.device("cpu")


def on_device(model: Model) -> Model:
    """The model itself, moved to `device()`."""
    model.to(device())
    return model


def use_bf16(wanted: str, where: torch.device) -> bool:
    """Whether to autocast to bfloat16. A build and general distillation time both first, and leave no "auto" to this.

    "auto" says yes only where the processor has instructions for it (AVX512-BF16, AMX, Arm's BF16, NVIDIA from Ampere):
    elsewhere bfloat16 is emulated and slower than float32.
    """
    if wanted != "auto":
        return wanted == "bf16"
    if where.type == "cuda":
        return torch.cuda.get_device_capability(where) >= (8, 0)
    found = torch.cpu.get_capabilities()
    return any(found.get(name, False) for name in ("avx512_bf16", "amx_bf16", "arm_bf16", "bf16"))


def autocast(where: torch.device, bf16: bool) -> contextlib.AbstractContextManager:
    """Matrix products in bfloat16 where `bf16` holds; weights, sums and losses stay float32."""
    return torch.autocast(where.type, torch.bfloat16, enabled=bf16)


def for_task(options: Options, task: Task) -> Options:
    """The options, with "auto" precision made float32 for regression: a value in bfloat16 has no more than three digits."""
    if task.kind == "regression" and options.precision == "auto":
        return replace(options, precision="fp32")
    return options
