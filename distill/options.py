"""How a stage trains: plain values, the same for every stage."""

from __future__ import annotations

from dataclasses import dataclass

from pocketbert.tasks import UserError


@dataclass(frozen=True)
class TrainOptions:
    """Settings of one training stage."""

    epochs: int = 3
    """Passes over the training data."""

    batch_size: int = 32
    """Examples a step."""

    learning_rate: float = 5e-5
    """The highest rate of the schedule."""

    schedule: str = "linear"
    """"linear" (down to zero after the warm-up) or "constant"."""

    warmup: float = 0.1
    """Share of all steps in which the rate rises from zero; 0 with "constant" is what TinyBERT's intermediate stage does."""

    weight_decay: float = 0.01
    """Of AdamW; biases and layer norms have none."""

    freeze_embeddings: bool = False
    """Leave the word, position and type tables as they are: half the time a step for a small model on a CPU, and rare
    words keep what pretraining taught them. Only for a model that starts from trained embeddings."""

    keep: str = "best"
    """"best": the weights of the epoch with the best dev metric; "last": those after the last step."""

    precision: str = "auto"
    """"auto": bfloat16 autocast where the processor computes in it, float32 otherwise and for regression; or "bf16",
    "fp32"."""

    seed: int = 0
    """Of the order of examples, dropout and new weights."""

    checkpoint_seconds: float = 60.0
    """A checkpoint to resume from is written when this long has passed since the last."""

    checkpoint_steps: int | None = None
    """Or, where it is given, after every so many steps."""

    def __post_init__(self) -> None:
        for name, choices in (("schedule", ("linear", "constant")), ("keep", ("best", "last")), ("precision", PRECISIONS)):
            if getattr(self, name) not in choices:
                raise UserError(f'{name}: "{getattr(self, name)}" is not one of {", ".join(choices)}.')
        if self.epochs < 1 or self.batch_size < 1 or not self.learning_rate > 0 or not 0 <= self.warmup < 1:
            raise UserError(
                f"epochs {self.epochs}, batch_size {self.batch_size}, learning_rate {self.learning_rate}, warmup "
                f"{self.warmup}: the first three must be above zero, and the warm-up a share from 0 up to 1."
            )
        if not 0 <= self.seed < 2**32:  # numpy, which Trainer seeds too, takes no other
            raise UserError(f"seed {self.seed}: must be from 0 to {2**32 - 1}.")
        if self.checkpoint_seconds <= 0 or (self.checkpoint_steps is not None and self.checkpoint_steps < 1):
            raise UserError("checkpoint_seconds and checkpoint_steps must be above zero.")


PRECISIONS = ("auto", "bf16", "fp32")
