"""The options of every training stage: each with its default, its bounds and its meaning, here and nowhere else.

Recipe, template, command line and docs/options.md are made from these dataclasses. Nothing here loads torch.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar, Literal, get_type_hints

from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval

AUTO = "auto"
Auto = Literal["auto"]
Rate = Annotated[float, Gt(0)]
Epochs = Annotated[float, Gt(0)]
BatchSize = Annotated[int, Gt(0)]
WarmUp = Annotated[float, Interval(ge=0, lt=1)]
Patience = Annotated[int, Ge(0)]
Schedule = Literal["linear", "constant"]
Keep = Literal["best", "last"]
Seed = Annotated[int, Interval(ge=0, lt=2**32)]  # numpy, which Trainer seeds too, takes no other

Copies = Annotated[int, Interval(ge=0, le=100)]
Augment = Annotated[
    Mapping[str, Any],
    Doc(
        "More texts for the teacher to label: name of a file in distill/augment -> its options, or a number of copies alone. "
        "Those that are not named are left out."
    ),
]

# How pydantic reads these dataclasses in a recipe: an unknown key is an error.
STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True)
class TrainOptions:
    """How a stage trains. "auto" is decided from the sizes of model and data, and from the dev set."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    learning_rate: Annotated[
        Rate | Auto, Doc("Highest rate of the schedule. auto: the best of a short search on the dev set.")
    ] = AUTO
    epochs: Annotated[
        Epochs | Auto,
        Doc("Passes over the training data, also a part of one. auto: enough steps for the data, within the budget."),
    ] = AUTO
    batch_size: Annotated[BatchSize | Auto, Doc("Examples per step. auto: 32, or 16 for few rows or long texts.")] = AUTO
    warmup: Annotated[WarmUp | Auto, Doc("Share of all steps in which the rate rises from zero.")] = AUTO
    patience: Annotated[
        Patience | Auto,
        Doc("Dev scores in a row without a better one before training stops; 0: never. Needs keep: best."),
    ] = AUTO
    schedule: Annotated[
        Schedule | Auto,
        Doc("After the warm-up: linear falls to zero, constant stays. auto: linear, but constant in the intermediate stage."),
    ] = AUTO
    weight_decay: Annotated[Annotated[float, Ge(0)], Doc("Of AdamW; biases and layer norms have none.")] = 0.01
    freeze_embeddings: Annotated[
        bool | Auto,
        Doc("Leave the word, position and type tables as they are. auto: where a student with trained ones follows a teacher."),
    ] = AUTO
    keep: Annotated[
        Keep | Auto,
        Doc(
            "best: the weights with the best dev metric; last: the last ones. auto: best; last in the intermediate stage."
        ),
    ] = AUTO
    precision: Annotated[
        Literal["auto", "bf16", "fp32"],
        Doc("auto: the faster of bfloat16 autocast and float32, by a few timed steps; float32 for regression."),
    ] = "auto"
    seed: Annotated[Seed | Auto, Doc("Of the order of examples, dropout and new weights. auto: the recipe's.")] = AUTO
    checkpoint_seconds: Annotated[
        Annotated[float, Gt(0)], Doc("A checkpoint to resume from is written when this long has passed since the last.")
    ] = 60.0
    checkpoint_steps: Annotated[Annotated[int, Gt(0)] | None, Doc("Or, where it is given, after every so many steps.")] = None

    def __post_init__(self) -> None:
        check(self)

    @property
    def open(self) -> tuple[str, ...]:
        """The options that still have to be decided."""
        return tuple(name for name in DECIDED if getattr(self, name) == AUTO)

    def settled(self, stage: str = "training", **given: Any) -> Settled:
        """These options with `given` in place of their own values, now that nothing of them is open.

        Raises:
            UserError: something is; the message names it and the stage.
        """
        from pocketbert.tasks import UserError

        found = replace(self, **given)
        if found.open:
            raise UserError(f"{stage}: {', '.join(found.open)} must be given here; a build decides them by itself.")
        return Settled(**vars(found))


class Settled(TrainOptions):
    """Options with nothing left on "auto": what training itself takes."""

    # Not decorated again: fields and defaults are TrainOptions' own, only the types, which `check` reads too, are narrower.
    learning_rate: Rate
    epochs: Epochs
    batch_size: BatchSize
    warmup: WarmUp
    patience: Patience
    schedule: Schedule
    freeze_embeddings: bool
    keep: Keep
    seed: Seed


DECIDED = ("learning_rate", "epochs", "batch_size", "warmup", "patience", "schedule", "freeze_embeddings", "keep", "seed")


@dataclass(frozen=True)
class IntermediateOptions:
    """The intermediate stage: the student's inner states follow the teacher's (TinyBERT, equations 7 to 9)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    losses: Annotated[
        Mapping[str, Mapping[str, Any]],
        Doc("Name of a file in distill/terms -> its options and its weight (1 where it is not given)."),
    ] = field(default_factory=lambda: {"embedding": {}, "attention": {}, "hidden": {}})
    layer_map: Annotated[
        Literal["uniform", "top", "bottom", "last"] | tuple[int, ...],
        Doc("Teacher layer that each student layer follows: uniform, top, bottom, last, or a list."),
    ] = "uniform"
    training: Annotated[TrainOptions, Doc("How it trains; auto keeps the rate constant, as TinyBERT's code does.")] = field(
        default_factory=TrainOptions
    )

    def __post_init__(self) -> None:
        check(self)
        if self.training.keep == "best" or self.training.patience not in (AUTO, 0):
            raise ValueError("dev does not score inner states: leave keep: best and patience out of this stage's training")


@dataclass(frozen=True)
class GeneralOptions:
    """General distillation: inner states alone, on plain text, before any task (TinyBERT, section 3.2)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    losses: Annotated[Mapping[str, Mapping[str, Any]], Doc("As in the intermediate stage.")] = field(
        default_factory=lambda: {"embedding": {}, "attention": {}, "hidden": {}}
    )
    layer_map: Annotated[
        Literal["uniform", "top", "bottom", "last"] | tuple[int, ...], Doc("As in the intermediate stage.")
    ] = "uniform"
    max_length: Annotated[Annotated[int, Interval(ge=16, le=512)], Doc("Of a sequence, in tokens; TinyBERT's is 128.")] = 128
    training: Annotated[TrainOptions, Doc("How it trains. auto: 3 passes, a linear schedule with a warm-up of a tenth.")] = field(
        default_factory=TrainOptions
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class PredictionOptions:
    """The prediction stage: the student's logits follow the teacher's (TinyBERT, equation 10)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    temperature: Annotated[
        Annotated[float, Gt(0)], Doc("What logits are divided by before softmax; TinyBERT's is 1. Not for regression.")
    ] = 2.0
    hard_label_weight: Annotated[
        Annotated[float, Interval(ge=0, le=1)], Doc("Share of the gold label's loss; the teacher's has the rest. 1: no teacher.")
    ] = 0.0
    losses: Annotated[
        Mapping[str, Mapping[str, Any]],
        Doc("Losses on inner states that are added to the prediction loss in this stage, as BERT-PKD and DistilBERT do."),
    ] = field(default_factory=dict)
    layer_map: Annotated[
        Literal["uniform", "top", "bottom", "last"] | tuple[int, ...], Doc("As in the intermediate stage; for `losses`.")
    ] = "uniform"
    training: Annotated[TrainOptions, Doc("How it trains.")] = field(default_factory=TrainOptions)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class AugmentOptions:
    """More texts for the teacher to label; they take part in both stages of the student."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    augment: Augment = field(default_factory=lambda: {"recombine": {}})


def check(options: Any) -> None:
    """Raises a UserError that names the first value outside its bounds; mapping and nested options check themselves."""
    from pydantic import ValidationError  # here, since `--help` reads only meanings and defaults

    from pocketbert.tasks import UserError

    adapters = _adapters(type(options))
    for entry in fields(options):
        value = getattr(options, entry.name)
        if isinstance(value, Mapping) or hasattr(value, "__dataclass_fields__"):
            continue
        try:
            adapters[entry.name].validate_python(value, strict=True)
        except ValidationError as error:
            reasons = dict.fromkeys(found["msg"] for found in error.errors())
            raise UserError(f"{entry.name}: {' or '.join(reasons)} (found {value!r}).") from None


@functools.cache
def _adapters(section: type) -> dict[str, Any]:
    """Name of a field -> what checks its values."""
    from pydantic import TypeAdapter

    hints = get_type_hints(section, include_extras=True)
    return {entry.name: TypeAdapter(hints[entry.name]) for entry in fields(section)}
