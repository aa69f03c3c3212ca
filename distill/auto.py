"""What "auto" means: training numbers from the sizes of model and data. What dev must decide is left to distill/search.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pocketbert.distill.options import AUTO, Settled, TrainOptions

Role = Literal["teacher", "baseline", "intermediate", "prediction"]

# The scale: a rate at which one plain recipe did well with a MiniLM of width 384 and 6 layers on data with many labels. Wider and
# deeper models take less: BERT-base comes out at 5e-5, where it is usually fine-tuned, and a student of 3 layers at 3e-4.
RATE, RATE_WIDTH, RATE_LAYERS = 2e-4, 384, 6
LOWEST_RATE, HIGHEST_RATE = 1e-5, 1e-3

# Multiples of the central rate that are tried. The first is taken where nothing is searched, and where dev cannot tell: for gold
# labels half of the central rate, since CoLA's teacher learnt nothing at 2e-4 and MRPC's lost four points against 1e-4. A student
# that follows soft labels bears more.
TRIED: dict[str, tuple[float, ...]] = {
    "teacher": (0.5, 1, 0.25),
    "baseline": (0.5, 1, 0.25),
    "intermediate": (2,),  # constant, and nobody scores it on dev
    "prediction": (1, 0.5, 2),
}
# Many labels bear more, from the highest down: every search for a teacher or baseline of intents (15 labels) and CLINC150 (151)
# ended at the central rate, and all but one for a student at twice that; with seven labels and fewer nearly none did.
MANY_OUTPUTS = 10

EPOCHS = {"teacher": 6, "baseline": 8, "intermediate": 4, "prediction": 8}
# Small data needs steps, not epochs; large data is seen less often.
LEAST_STEPS = {"teacher": 800, "baseline": 1000, "intermediate": 500, "prediction": 1000}
STEPS_PER_OUTPUT = 10
MOST_EPOCHS = 30
MOST_STEPS = 6000

# Longest text in tokens: this share of the texts stays whole, but a user's own may be longer than those of the data, and one at
# the upper end takes more than four times as long as one at the lower.
WHOLE, LOWEST_LENGTH, HIGHEST_LENGTH = 0.95, 64, 256

FEW_ROWS = 1000
# Activations grow with a batch's tokens: of texts this long on average half as many are held at a time.
LONG_TOKENS = 128
# A teacher says of texts that it has learnt by heart little more than their labels. So many texts are wanted for it to label.
ENOUGH_TEXTS, MOST_RECOMBINED = 10_000, 3
# Of the 12 dev scores that a run has. A student still gains while its rate falls: 19 runs on four sets lost 0.3 points on average
# to a patience of 5, and 0.1 to one of 7.
PATIENCE = {"teacher": 5, "baseline": 5, "prediction": 7}


@dataclass(frozen=True)
class Sizes:
    """What is known before anything is trained.

    Args:
        width: of the hidden states.
        layers: of the encoder.
        rows: of training data, with texts that are made of it.
        outputs: logits.
        tokens: mean length of a training text.
        inherits: whether the model learns from a teacher and begins with embedding tables that were trained.
        precision: in which it trains faster on this machine, and why; None where nobody timed it.
    """

    width: int
    layers: int
    rows: int
    outputs: int
    tokens: float
    inherits: bool = False
    precision: tuple[str, str] | None = None


@dataclass(frozen=True)
class Choice:
    """One number that the user did not give.

    Args:
        option: its name in TrainOptions.
        value: what was taken.
        why: in a sentence.
        among: what else was tried, as (value, dev score, None where it diverged); empty where nothing was tried.
    """

    option: str
    value: Any
    why: str
    among: tuple[tuple[Any, float | None], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def show_value(value: Any) -> str:
    """What was chosen, as a person reads it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def show_tried(choice: Mapping[str, Any]) -> str:
    """What a Choice, as a dictionary, was among: "0.0001: 0.8012, 0.0002: diverged"; empty where nothing was tried."""
    scores = ((value, "diverged" if score is None else f"{score:.4f}") for value, score in choice["among"])
    return ", ".join(f"{show_value(value)}: {score}" for value, score in scores)


def central_rate(width: int, layers: int) -> float:
    """The learning rate that suits a model of this size, to one digit."""
    rate = RATE * (RATE_WIDTH / width) ** 1.5 * (RATE_LAYERS / layers) ** 0.5
    return _one_digit(min(max(rate, LOWEST_RATE), HIGHEST_RATE))


def rates(sizes: Sizes, role: Role) -> tuple[float, ...]:
    """Rates worth trying, the likeliest first."""
    centre = central_rate(sizes.width, sizes.layers)
    tried = TRIED[role]
    if sizes.outputs >= MANY_OUTPUTS:  # from the highest down
        tried = tuple(sorted(tried, reverse=True))
    found = (_one_digit(min(centre * times, HIGHEST_RATE)) for times in tried)
    return tuple(dict.fromkeys(found))


def settle(
    options: TrainOptions, sizes: Sizes, role: Role, seed: int, scale: float = 1.0
) -> tuple[Settled, tuple[Choice, ...]]:
    """Decides what sizes decide; what the user gave stays. The learning rate gets the first of `rates`: a search may replace it.

    Args:
        options: as the user gave them.
        sizes: of the model that trains and its data.
        role: which stage it is.
        seed: taken where the options have none.
        scale: share of the steps that the budget leaves, at most 1.
    """
    chosen: dict[str, tuple[Any, str]] = {}
    size = f"width {sizes.width}, {sizes.layers} layer{'s' * (sizes.layers != 1)}"
    batch = options.batch_size
    if batch == AUTO:
        batch = 16 if sizes.rows < FEW_ROWS or sizes.tokens > LONG_TOKENS else 32
        chosen["batch_size"] = batch, f"{sizes.rows:,} rows of {sizes.tokens:.0f} tokens on average"
    if options.epochs == AUTO:
        per_epoch = epoch_steps(sizes.rows, batch)
        steps = wanted_steps(sizes, role, per_epoch)
        epochs = _three_digits(max(1, round(steps * scale)) / per_epoch)
        short = f", {scale:.0%} of it for the budget" if scale < 1 else ""
        chosen["epochs"] = epochs, f"{steps:,} steps suit {sizes.rows:,} rows and {sizes.outputs} outputs{short}"
    if options.learning_rate == AUTO:
        chosen["learning_rate"] = rates(sizes, role)[0], size
    if options.precision == AUTO and sizes.precision is not None:
        chosen["precision"] = sizes.precision
    if options.freeze_embeddings == AUTO:
        why = "words that train lacks stay beside those it has" if sizes.inherits else "they are trained with the rest"
        chosen["freeze_embeddings"] = freezes(options, sizes), why
    inner = role == "intermediate"
    if options.schedule == AUTO:
        chosen["schedule"] = ("constant", "as TinyBERT trains this stage") if inner else ("linear", "it ends in small steps")
    if options.keep == AUTO:
        chosen["keep"] = ("last", "dev does not score inner states") if inner else ("best", "of the dev scores")
    known = {name: value for name, (value, _) in chosen.items()}
    if options.warmup == AUTO:
        constant = known.get("schedule", options.schedule) == "constant"
        chosen["warmup"] = (0.0, "the rate is constant") if constant else (0.1, "a tenth of the steps")
    if options.patience == AUTO:
        last = known.get("keep", options.keep) == "last"
        chosen["patience"] = (0, "the last weights are kept") if last else (PATIENCE[role], "dev scores in a row, of 12 at most")
    values = {name: value for name, (value, _) in chosen.items()}
    if options.seed == AUTO:
        values["seed"] = seed  # the recipe's own number: nothing was chosen
    return options.settled(role, **values), tuple(Choice(name, value, why) for name, (value, why) in chosen.items())


def settle_general(options: TrainOptions, width: int, layers: int, seed: int) -> tuple[Settled, tuple[Choice, ...]]:
    """The same for general distillation, where dev has no say: TinyBERT's passes and warm-up, and a rate that suits the size."""
    rate = _one_digit(min(central_rate(width, layers) * TRIED["intermediate"][0], HIGHEST_RATE))
    chosen = {
        "learning_rate": (rate, f"width {width}, {layers} layer{'s' * (layers != 1)}"),
        "epochs": (3.0, "as in the paper"),
        "batch_size": (32, "a whole one of few texts costs little memory"),
        "warmup": (0.1, "as in the paper"),
        "patience": (0, "text has no dev set"),
        "schedule": ("linear", "as in the paper"),
        "freeze_embeddings": (False, "they are trained with the rest"),
        "keep": ("last", "text has no dev set"),
        "seed": (seed, "the command's"),
    }
    chosen = {name: entry for name, entry in chosen.items() if name in options.open}
    found = options.settled("general", **{name: value for name, (value, _) in chosen.items()})
    return found, tuple(Choice(name, value, why) for name, (value, why) in chosen.items() if name != "seed")


def freezes(options: TrainOptions, sizes: Sizes) -> bool:
    """Whether the embedding tables stay as they are.

    They are most of a small student's weights, and AdamW goes over all of them in every step: without them the demo's student
    takes a third less time, and follows its teacher on dev and test more closely after as many steps.
    """
    return sizes.inherits if options.freeze_embeddings == AUTO else options.freeze_embeddings


def epoch_steps(rows: int, batch_size: int) -> int:
    """Optimiser steps of one pass over the data; the last batch may be a short one."""
    return math.ceil(rows / batch_size)


def total_steps(rows: int, options: Settled) -> int:
    """Optimiser steps of a whole run, at least one."""
    return max(1, round(options.epochs * epoch_steps(rows, options.batch_size)))


def wanted_steps(sizes: Sizes, role: Role, per_epoch: int) -> int:
    """Optimiser steps that suit the data, before a budget is looked at."""
    least = max(LEAST_STEPS[role], STEPS_PER_OUTPUT * sizes.outputs)
    return min(max(EPOCHS[role] * per_epoch, least), MOST_EPOCHS * per_epoch, max(MOST_STEPS, per_epoch))


def recombinations(rows: int) -> int:
    """New texts per training text where nobody said how many."""
    return max(0, min(MOST_RECOMBINED, round(ENOUGH_TEXTS / max(rows, 1)) - 1))


def longest_text(lengths: Sequence[int], limit: int) -> int:
    """Tokens of the longest text that is not cut, where nobody said it: a multiple of 8, which kernels like, or the limit.

    Args:
        lengths: of some texts, in tokens with the special ones.
        limit: of the model's positions.
    """
    enough = sorted(lengths)[math.ceil(WHOLE * len(lengths)) - 1]
    return min(max(math.ceil(enough / 8) * 8, LOWEST_LENGTH), HIGHEST_LENGTH, limit)


def default_neurons(teacher_neurons: int) -> int:
    """Feed-forward neurons in each layer of a student whose shape nobody gave: half of its teacher's.

    With all of the layers that is two thirds of the teacher's multiply-accumulates, and on average it kept most of the teacher
    of the shapes that were tried (results/shapes.json). A multiple of 32, which the int8 kernels like.
    """
    return min(teacher_neurons, max(32, teacher_neurons // 2 // 32 * 32))


def spread_layers(layers: int, teacher_layers: int) -> tuple[int, ...]:
    """Which teacher layers a student of `layers` copies: the first, the last and evenly between; [0, 2, 5] for 3 of 6."""
    if layers == 1:
        return (0,)
    return tuple(i * (teacher_layers - 1) // (layers - 1) for i in range(layers))


def _one_digit(rate: float) -> float:
    return float(f"{rate:.0e}")


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def noise(score: float, rows: int) -> float:
    """About one standard error of a metric in -1..1 that was measured on so many rows."""
    return math.sqrt(max(score * (1 - score), 0.01) / max(rows, 1)) if score >= 0 else math.sqrt(1 / max(rows, 1))


def ranked(scores: Sequence[tuple[Any, float]], rows: int) -> list[Any]:
    """Arms from best to worst. What is within half a standard error of the best counts as equal and keeps the order given."""
    best = max(score for _, score in scores)
    near = [arm for arm, score in scores if score >= best - noise(best, rows) / 2]
    rest = sorted(((arm, score) for arm, score in scores if arm not in near), key=lambda entry: -entry[1])
    return near + [arm for arm, _ in rest]
