"""One training stage on `transformers.Trainer`: resume, dev scores, best weights, losses kept; what is minimised is given."""

from __future__ import annotations

import math
import time
from collections.abc import Sized
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from pocketbert.distill.auto import epoch_steps, total_steps
from pocketbert.distill.checkpoints import claim, clear, newest_whole
from pocketbert.distill.options import Settled
from pocketbert.distill.precision import autocast, device, use_bf16
from pocketbert.distill.processes import agreed, averaged, processes
from pocketbert.distill.progress import LossLog, Progress
from pocketbert.distill.rows import ByLength, Rows, lengths_of
from pocketbert.distill.scores import score_count
from pocketbert.distill.search import Diverged
from pocketbert.distill.texts import collator
from pocketbert.tasks.files import writing
from pocketbert.tasks.quiet import quiet

# Losses wait on the device for so many steps before they are read: reading one makes a GPU finish its queue.
READ_EVERY = 20


class Watched(Protocol):
    """What a run is scored on while it trains."""

    often: bool
    """Whether several times, although the last weights are kept."""

    @property
    def rows(self) -> Sized: ...

    @property
    def metric(self) -> str: ...

    def watch(self, objective: Any, pad_id: int, bf16: bool = False) -> dict[str, float]:
        """Scores by name, the one of `metric` among them; nothing is drawn from a random generator."""
        ...


class Objective(nn.Module):
    """What a stage minimises: `student` and whatever else is trained with it; a checkpoint holds all of it.

    `forward(batch)` takes a padded batch of tensors and returns the loss (a scalar) and its parts by name (scalars).
    """

    student: PreTrainedModel

    def forward(self, **batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        raise NotImplementedError


@dataclass(frozen=True)
class Run:
    """What a stage is and where it keeps its state.

    Args:
        stage: the name that is shown.
        options: how it trains.
        checkpoints: folder for checkpoints, losses.jsonl and best weights.
        identity: everything that the result depends on besides the options; a checkpoint of another identity is not used.
        pad_id: the tokenizer's padding id.
        then: seconds planned for what comes after this run; only shown.
    """

    stage: str
    options: Settled
    checkpoints: Path
    identity: dict
    pad_id: int
    then: float = 0.0


def train(objective: Objective, rows: Rows, run: Run, dev: Watched | None) -> dict:
    """Trains `objective` in place, from the newest whole checkpoint of the same run if there is one.

    Args:
        objective: its student ends with the best or last weights, as the options say, on the CPU, in eval mode.
        rows: tokenized examples with their targets, in memory or on disk.
        run: see `Run`.
        dev: what the student is scored on several times, at the end at least; None: never, and the last weights are kept.

    Returns:
        {"steps": taken, "planned_steps", "seconds", "resumed_at", "bf16", "loss": last losses by part, "best": {"step",
        "metric"} or None, "scores": [[step, metric], ...], "stopped": whether patience ended it, "options": how it trained}.

    Raises:
        UserError: the loss is not a number, or the disk is full.
    """
    with writing(run.checkpoints), quiet():
        with processes().main_process_first():
            run.checkpoints.mkdir(parents=True, exist_ok=True)
            claim(run.checkpoints, {**run.identity, "options": _deciding(run.options)})
        resume = newest_whole(run.checkpoints)
        bf16 = use_bf16(run.options.precision, device())
        sampler = ByLength(lengths_of(rows), run.options.batch_size, run.options.seed)
        steps = total_steps(len(rows), run.options)
        watcher = _Watcher(run, sampler, dev, epoch_steps(len(rows), run.options.batch_size), steps, bf16)
        data: Any = rows  # Trainer takes whatever has a length and items
        trainer = _StageTrainer(
            model=objective,
            args=_arguments(run, steps),
            train_dataset=data,
            data_collator=collator(run.pad_id),
            callbacks=[watcher],
        )
        trainer.sampler, trainer.bf16, trainer.watcher = sampler, bf16, watcher
        trainer.remove_callback(PrinterCallback)
        trainer.remove_callback(ProgressCallback)
        start = time.monotonic()
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        seconds = time.monotonic() - start
        objective.cpu().eval()
        best = None
        if dev is not None and run.options.keep == "best":
            best = _best(run.checkpoints)
            objective.student.load_state_dict(load_file(run.checkpoints / "best.safetensors"))
    return {
        "steps": trainer.state.global_step,
        "planned_steps": steps,
        "seconds": round(seconds, 1),
        "resumed_at": watcher.resumed_at,
        "bf16": bf16,
        "loss": watcher.last,
        "best": best,
        "scores": [[step, score] for step, score in watcher.scores],
        "stopped": watcher.stopped,
        "options": _deciding(run.options),
    }


def finish(run: Run) -> None:
    """Removes the checkpoints of a stage whose result has been written."""
    if processes().is_main_process:
        clear(run.checkpoints)


class _StageTrainer(Trainer):
    """Trainer with our loss and our order of rows; everything else is Trainer's."""

    sampler: ByLength
    bf16: bool
    watcher: _Watcher
    loss_is_scaled_for_ga = False

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        with autocast(self.args.device, self.bf16):
            loss, parts = model(**inputs)
        self.watcher.parts = averaged({"loss": loss.detach(), **{name: part.detach() for name, part in parts.items()}})
        return loss

    def _get_train_sampler(self, train_dataset=None) -> ByLength:
        return self.sampler


class _Watcher(TrainerCallback):
    """Shows progress, keeps losses, scores the student, and says when to save and when patience is at its end."""

    def __init__(self, run: Run, sampler: ByLength, dev: Watched | None, per_epoch: int, steps: int, bf16: bool) -> None:
        self.run, self.sampler, self.dev, self.per_epoch, self.bf16 = run, sampler, dev, per_epoch, bf16
        scores = score_count(steps, run.options.batch_size, len(dev.rows)) if dev else 0
        several = dev is not None and (dev.often or run.options.keep == "best")
        self.score_every = math.ceil(steps / scores) if scores and several else steps
        self.parts: dict[str, torch.Tensor] = {}  # of the last step, as the trainer leaves them here
        self.last: dict = {}
        self.scores: list[tuple[int, float]] = []
        self.shown = self.dev_shown = ""
        self.resumed_at = 0
        self.stopped = False

    def on_train_begin(self, args, state, control, **kwargs) -> None:
        self.resumed_at = state.global_step
        path = self.run.checkpoints / "losses.jsonl" if state.is_world_process_zero else None
        self.log = LossLog(path, state.global_step)
        if self.dev is not None:
            self.scores = [(line["step"], line["dev"][self.dev.metric]) for line in self.log.kept if "dev" in line]
        self.progress = Progress(self.run.stage, state.max_steps, state.global_step, self.run.then, state.is_world_process_zero)
        self.saved = time.monotonic()

    def on_epoch_begin(self, args, state, control, **kwargs) -> None:
        self.sampler.epoch = state.global_step // self.per_epoch

    def on_step_end(self, args, state, control, model: Any = None, **kwargs) -> None:
        step = state.global_step
        self.log.add({"step": step, **self.parts})
        if step % READ_EVERY == 0 or step == state.max_steps:
            self._read()
        if self.dev is not None and (step % self.score_every == 0 or step == state.max_steps):
            self._score(self.dev, model, step)
            self.stopped = self._patience_ends() and step < state.max_steps
            control.should_training_stop = control.should_training_stop or self.stopped
        self.progress.step(step, self.shown + self.dev_shown)
        every = self.run.options.checkpoint_steps
        due = step % every == 0 if every else agreed(time.monotonic() - self.saved > self.run.options.checkpoint_seconds)
        if due and not self.stopped and step < state.max_steps:  # resumed from its last step, a run would go on
            self._read()
            control.should_save = True

    def on_save(self, args, state, control, **kwargs) -> None:
        self.saved = time.monotonic()

    def on_train_end(self, args, state, control, **kwargs) -> None:
        self._read()
        self.progress.close(state.global_step, self.shown + self.dev_shown)

    def _read(self) -> None:
        losses = self.log.flush()
        if losses is None:
            return
        self.last = {name: value for name, value in losses.items() if name != "step"}
        if not math.isfinite(losses["loss"]):
            raise Diverged(
                f"{self.run.stage}: the loss is {losses['loss']} at step {losses['step']}; "
                f"lower learning_rate ({self.run.options.learning_rate}) or set precision to fp32."
            )
        self.shown = " ".join(f"{name} {value:.4g}" for name, value in self.last.items())

    def _score(self, dev: Watched, objective: Objective, step: int) -> None:
        student = objective.student
        metrics = dev.watch(objective, self.run.pad_id, self.bf16)
        student.train()
        self.log.add({"step": step, "dev": metrics})
        name, value = dev.metric, metrics[dev.metric]
        self.scores.append((step, value))
        self.dev_shown = f", dev {name} {value:.4f}"
        best = _best(self.run.checkpoints)
        if self.run.options.keep == "best" and (best is None or value > best["metric"]):
            _keep_best(self.run.checkpoints, student, step, value)

    def _patience_ends(self) -> bool:
        values = [value for _, value in self.scores]
        patience = self.run.options.patience
        return bool(patience) and self.run.options.keep == "best" and len(values) - 1 - values.index(max(values)) >= patience


def _keep_best(folder: Path, student: PreTrainedModel, step: int, metric: float) -> None:
    part = folder / ".best.writing"
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in student.state_dict().items()}
    save_file(weights, part, {"step": str(step), "metric": repr(metric)})
    part.replace(folder / "best.safetensors")


def _best(folder: Path) -> dict | None:
    path = folder / "best.safetensors"
    if not path.is_file():
        return None
    with safe_open(path, "pt") as weights:
        found = weights.metadata()
    return {"step": int(found["step"]), "metric": float(found["metric"])}


def _deciding(options: Settled) -> dict:
    # When checkpoints are written does not change the result.
    return {name: value for name, value in asdict(options).items() if not name.startswith("checkpoint_")}


def _arguments(run: Run, steps: int) -> TrainingArguments:
    options = run.options
    args = TrainingArguments(
        output_dir=str(run.checkpoints),
        max_steps=steps,
        per_device_train_batch_size=options.batch_size // processes().num_processes,
        ddp_find_unused_parameters=True,  # a pooler, or a head, has no part in losses on inner states
        learning_rate=options.learning_rate,
        lr_scheduler_type="linear" if options.schedule == "linear" else "constant_with_warmup",
        warmup_steps=options.warmup,  # below 1 it is a share
        weight_decay=options.weight_decay,
        seed=options.seed,
        use_cpu=device().type == "cpu",
        remove_unused_columns=False,  # Trainer would drop token types, which the teacher needs
        save_strategy="no",  # the watcher says when
        save_total_limit=1,
        logging_strategy="no",
        logging_nan_inf_filter=False,  # it would hide what the watcher must see
        dataloader_pin_memory=device().type == "cuda",
        disable_tqdm=True,
        report_to=[],
    )
    args._n_gpu = min(args.n_gpu, 1)  # DataParallel copies modules, and hooks on the originals would see nothing
    return args


