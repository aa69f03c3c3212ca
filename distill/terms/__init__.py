"""The losses on inner states, one file each: its name is the file's, its options and its refusals are its own.

To add one, write a file with `Options` (a frozen dataclass, like those of distill/options.py) and `Term` (see the protocol
below). A recipe then says `losses: {name: {weight: 0.5, option: 3}}`. Nothing here loads torch; a loss's own file does.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from annotated_doc import Doc
from annotated_types import Interval

from pocketbert.distill.options import check
from pocketbert.tasks import UserError
from pocketbert.tasks.errors import nearest

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig

    from pocketbert.distill.capture import Captured, Need

Pairs = tuple[tuple[int, int], ...]
"""The matched (student layer, teacher layer), counted from 0."""


class Term(Protocol):
    """One summand of a stage's loss, an `nn.Module`; its parameters are trained with the student and dropped with the stage.

    Args:
        options: of its own class `Options`.
        student, teacher: configurations; where they do not fit, the constructor raises a UserError that says what to do.
        pairs: layers that the layer map matches; a term may use fewer, or layers of its own options.
    """

    student_needs: frozenset[Need]
    teacher_needs: frozenset[Need]

    def __init__(self, options: Any, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None: ...

    def __call__(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar in float32, of what student (`seen`) and teacher (`wanted`) computed for one batch.

        `mask` is (batch, tokens), 1 for a token, 0 for padding; what stands in the padding must not count.
        """
        ...


@dataclass(frozen=True)
class Weight:
    """What every loss has beside its own options."""

    weight: Annotated[float, Interval(ge=0, lt=math.inf), Doc("Of this loss in the sum; 0 leaves it out.")] = 1.0

    def __post_init__(self) -> None:
        check(self)


def term_names() -> list[str]:
    """The losses there are."""
    return sorted(entry.name for entry in pkgutil.iter_modules(__path__))


def term_module(name: str) -> ModuleType:
    """The file of a loss: `Options` and `Term`.

    Raises:
        UserError: there is none of that name.
    """
    if name not in term_names():
        raise UserError(f'unknown loss "{name}"; {nearest(name, term_names())}')
    return importlib.import_module(f"{__name__}.{name}")


def read_losses(losses: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[float, Any]]:
    """name -> (weight, its `Options`) of a recipe's `losses`, by name, without those of weight 0.

    Raises:
        UserError: names the loss, the option and the nearest known name; or no loss has a weight above 0.
    """
    found = {}
    for name in sorted(losses):  # by name: the order in a recipe decides nothing, projections' random numbers included
        module, entry = term_module(name), losses[name]
        if not isinstance(entry, Mapping):
            raise UserError(f"loss {name}: its options are a mapping, such as {{weight: 1}} (found {entry!r}).")
        known = [option.name for option in (*fields(Weight), *fields(module.Options))]
        for option in entry:
            if option not in known:
                raise UserError(f'loss {name}: unknown option "{option}"; {nearest(str(option), known)}')
        own = {option: value for option, value in entry.items() if option != "weight"}
        try:
            weight = Weight(**{"weight": entry["weight"]} if "weight" in entry else {}).weight
            options = module.Options(**own)
        except UserError as error:
            raise UserError(f"loss {name}: {error}") from None
        if weight > 0:
            found[name] = weight, options
    if not found:
        raise UserError(f"losses: none has a weight above 0; give at least one of {', '.join(term_names())}.")
    return found


def terms_of(
    losses: Mapping[str, Mapping[str, Any]], student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs
) -> dict[str, tuple[float, Term]]:
    """name -> (weight, term) of a recipe's `losses`; new weights are drawn from the global generator, which the caller seeds.

    Raises:
        UserError: see `read_losses`; or teacher and student do not fit a loss.
    """
    found = {}
    for name, (weight, options) in read_losses(losses).items():
        try:
            found[name] = weight, term_module(name).Term(options, student, teacher, pairs)
        except UserError as error:
            raise UserError(f"loss {name}: {error}") from None
    return found


def described(losses: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A recipe's `losses` with every default in it, as JSON takes it: what a run's identity holds."""
    return {name: {"weight": weight} | asdict(options) for name, (weight, options) in read_losses(losses).items()}
