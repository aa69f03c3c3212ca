"""How long a step takes on this machine, measured on a few real batches before anything trains."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import PreTrainedModel

from pocketbert.distill.freezing import freeze_embeddings
from pocketbert.distill.options import AUTO
from pocketbert.distill.precision import autocast, device, on_device, use_bf16
from pocketbert.distill.texts import collator, inputs_of

WARM_UP, TIMED = 2, 5
TEXTS = 64  # texts of one timed forward pass, the batch that dev is scored with


@dataclass(frozen=True)
class Step:
    """Seconds of an optimiser step: forward, backward, AdamW.

    AdamW goes over all weights however few texts a batch has, so half a batch takes more than half of the time.

    Args:
        update: what every step takes, whatever the batch.
        text: what each text of the batch adds.
    """

    update: float
    text: float

    @staticmethod
    def through(small: int, small_seconds: float, large: int, large_seconds: float) -> Step:
        """The line through what two batch sizes took; through the origin where they say nothing else."""
        if small >= large:
            return Step(0.0, large_seconds / large)
        update = (small_seconds * large - large_seconds * small) / (large - small)
        update = min(max(update, 0.0), large_seconds)
        return Step(update, (large_seconds - update) / large)


@dataclass(frozen=True)
class Pace:
    """Seconds of one model on this data and machine.

    Args:
        step: with everything trained.
        frozen_step: with embedding tables that are not trained.
        text: one text, forward only.
        write: its weights, to the disk of the run.
    """

    step: Step
    frozen_step: Step
    text: float
    write: float


def measure(model: PreTrainedModel, rows: Sequence[dict], batch_size: int, pad_id: int, precision: str, folder: Path) -> Pace:
    """Trains a throw-away copy of nothing: `model` is changed, and must not be used afterwards.

    Args:
        model: of the shape that is going to train.
        rows: tokenized texts; batches are drawn evenly over their lengths, as training meets them.
        batch_size: of a step; half of it is timed too.
        pad_id: the tokenizer's padding id.
        precision: as in TrainOptions.
        folder: where the weights are written, and removed again.
    """
    where = device()
    bf16, model = use_bf16(precision, where), on_device(model)
    batch = _batches(model, rows, pad_id)

    def step_seconds() -> Step:
        step = _steps(model, batch)

        def of(size: int) -> Callable[[int], None]:
            return lambda index: step(index, size, bf16)

        half = max(1, batch_size // 2)
        small, large = (_mean_seconds(of(size)) for size in (half, batch_size))
        return Step.through(half, small, batch_size, large)

    def forward(index: int) -> None:
        with torch.inference_mode(), autocast(where, bf16):
            model(**batch(index, TEXTS))

    model.train()
    step = step_seconds()
    freeze_embeddings(model)
    frozen_step = step_seconds()
    model.eval()
    return Pace(step, frozen_step, _mean_seconds(forward) / TEXTS, _write_seconds(model, folder))


def faster_precision(model: PreTrainedModel, rows: Sequence[dict], batch_size: int, pad_id: int) -> tuple[str, str]:
    """In which precision `model` trains faster here, and why; its weights change.

    The instructions alone do not tell: of two processors with AVX512-BF16 one trained twice as fast in bfloat16, the other took
    half as long again.

    Args:
        as in `measure`.

    Returns:
        ("bf16" or "fp32", the times in words).
    """
    if not use_bf16(AUTO, device()):
        return "fp32", "this processor does not compute in bfloat16"
    model = on_device(model).train()
    step = _steps(model, _batches(model, rows, pad_id))
    spent: dict[bool, list[float]] = {False: [], True: []}
    for index in range(1 + TIMED):  # in turns, the first to warm up
        for bf16, seconds in spent.items():
            began = time.monotonic()
            step(index, batch_size, bf16)
            seconds.append(time.monotonic() - began)
    plain, short = (statistics.median(seconds[1:]) for seconds in spent.values())
    words = f"a step of the teacher takes {plain:.3g} s in float32 and {short:.3g} s in bfloat16"
    return ("bf16" if short < plain else "fp32"), words


def _batches(model: PreTrainedModel, rows: Sequence[dict], pad_id: int) -> Callable[[int, int], dict[str, torch.Tensor]]:
    """(index, size) -> a batch of texts of like length, evenly over the lengths: the i-th of TIMED windows."""
    by_length = sorted(rows, key=lambda row: len(row["input_ids"]))
    collate = collator(pad_id)

    def batch(index: int, size: int) -> dict[str, torch.Tensor]:
        start = (2 * (index % TIMED) + 1) * len(by_length) // (2 * TIMED) - size // 2
        start = min(max(start, 0), max(len(by_length) - size, 0))
        chosen = [by_length[(start + i) % len(by_length)] for i in range(size)]
        return {name: tensor.to(model.device) for name, tensor in inputs_of(model, collate(chosen)).items()}

    return batch


def _steps(
    model: PreTrainedModel, batch: Callable[[int, int], dict[str, torch.Tensor]]
) -> Callable[[int, int, bool], None]:
    """(index, size, bf16) -> one step of an optimiser."""
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-6, fused=True)

    def step(index: int, size: int, bf16: bool) -> None:
        with autocast(model.device, bf16):
            loss = model(**batch(index, size)).logits.float().square().mean()  # (size, outputs)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if model.device.type == "cuda":
            torch.cuda.synchronize()

    return step


def _mean_seconds(work: Callable[[int], None]) -> float:
    """Of the timed windows; the median of two passes over them, so that one hiccup does not decide a plan."""
    for index in range(WARM_UP):
        work(index)
    passes = []
    for _ in range(2):
        began = time.monotonic()
        for index in range(TIMED):
            work(index)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        passes.append((time.monotonic() - began) / TIMED)
    return statistics.median(passes)


def _write_seconds(model: PreTrainedModel, folder: Path) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        began = time.monotonic()
        save_file({name: tensor.cpu() for name, tensor in model.state_dict().items()}, Path(inner) / "model.safetensors")
        return time.monotonic() - began
