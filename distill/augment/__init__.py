"""The operations that make more texts for the teacher to label, one file each: its name is the file's, its options are its own.

A teacher that fits its training texts says there what their labels say already; what it knows beyond them shows on texts that
have no label.

To add one, write a file with what the protocol `Operation` below asks for; `Options` is a frozen dataclass like those of
distill/options.py with the field `copies`, whose `files` names the options that are files or models. A recipe then says
`augment: {name: {copies: 3}}`. Nothing here loads torch; an operation's own file does, within its functions.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Protocol, cast

from annotated_doc import Doc
from annotated_types import Interval

from pocketbert.distill.auto import recombinations
from pocketbert.distill.options import AUTO, check
from pocketbert.tasks import Example, UserError
from pocketbert.tasks.errors import nearest


@dataclass(frozen=True)
class Made:
    """A new text.

    Args:
        texts: one, or the two of a pair.
        origin: index of the example that it is a variant of; None where it is made of several.
    """

    texts: tuple[str, ...]
    origin: int | None


@dataclass(frozen=True)
class Setting:
    """Where an operation is at work.

    Args:
        teacher: its folder or hub id.
        max_length: of a text, in tokens.
        seed: of everything that is drawn.
        kept: folder for what is to outlive a kill.
    """

    teacher: Path | str
    max_length: int
    seed: int
    kept: Path


class Operation(Protocol):
    """One operation: the module of its name."""

    Options: type
    SLOW: bool
    """Whether it takes so long that a plan has to know."""

    def check(self, options: Any) -> None:
        """Raises a UserError where the options cannot be met: a file that is not there, a model that cannot be used."""
        ...

    def describe(self, options: Any) -> str:
        """What it does, in a few words, for the report."""
        ...

    def augment(self, examples: Sequence[Example], options: Any, setting: Setting) -> list[Made]:
        """At most `options.copies` new texts for each example; the same examples, options and seed give the same texts."""
        ...


@dataclass(frozen=True)
class Filter:
    """Which of an operation's texts are kept, by what the teacher says of them."""

    agree: Annotated[bool, Doc("Keep a variant only where the teacher gives it the label that it gives the original.")] = False
    margin: Annotated[
        Annotated[float, Interval(ge=0, lt=1)],
        Doc("Keep a text only where the teacher's best label leads by this much probability."),
    ] = 0.0

    def __post_init__(self) -> None:
        check(self)

    @property
    def asks(self) -> bool:
        """Whether any text can be dropped."""
        return self.agree or self.margin > 0


def operation_names() -> list[str]:
    """The operations there are."""
    return sorted(entry.name for entry in pkgutil.iter_modules(__path__))


def operation_module(name: str) -> ModuleType:
    """The file of an operation.

    Raises:
        UserError: there is none of that name.
    """
    if name not in operation_names():
        raise UserError(f'augment: unknown operation "{name}"; {nearest(name, operation_names())}')
    return importlib.import_module(f"{__name__}.{name}")


def operation(name: str) -> Operation:
    """The same, as what it has to be."""
    return cast(Operation, operation_module(name))


def read_operations(augment: Mapping[str, Any]) -> dict[str, tuple[Filter, Any]]:
    """name -> (filter, its `Options`) of a recipe's `augment`, by name, without those of 0 copies.

    A number, or auto, in place of an operation's options is its `copies`.

    Raises:
        UserError: names the operation, the option and the nearest known name.
    """
    found = {}
    for name in sorted(augment):  # by name: the order in a recipe decides nothing
        module, entry = operation(name), augment[name]
        entry = entry if isinstance(entry, Mapping) else {"copies": entry}
        filters = {option.name for option in fields(Filter)}
        known = [option.name for option in fields(module.Options)] + sorted(filters)
        for option in entry:
            if option not in known:
                raise UserError(f'augment.{name}: unknown option "{option}"; {nearest(str(option), known)}')
        try:
            chosen = Filter(**{option: value for option, value in entry.items() if option in filters})
            options = module.Options(**{option: value for option, value in entry.items() if option not in filters})
        except UserError as error:
            raise UserError(f"augment.{name}.{error}") from None
        if options.copies != 0:
            found[name] = chosen, options
    return found


def files_of(operations: Mapping[str, tuple[Filter, Any]]) -> list[str | None]:
    """The files and models that the options name, in a fixed order."""
    return [getattr(options, name) for _, options in operations.values() for name in getattr(options, "files", ())]


def placed(augment: Mapping[str, Any], place: Callable[[str | None], str | None]) -> dict[str, Any]:
    """The same `augment`, with every file that an operation's options name passed through `place`."""
    found = {}
    for name, entry in augment.items():
        files = getattr(operation(name).Options, "files", ())
        found[name] = {k: place(v) if k in files else v for k, v in entry.items()} if isinstance(entry, Mapping) else entry
    return found


def settled(augment: Mapping[str, Any], rows: int, labels_needed: bool) -> dict[str, tuple[Filter, Any]]:
    """`read_operations` with no `copies` on "auto", and without those that come to none.

    Args:
        augment: as a recipe has it.
        rows: examples, labelled or not.
        labels_needed: whether gold labels take part, which new texts do not have; auto is none then.
    """
    auto = 0 if labels_needed else recombinations(rows)
    found = {}
    for name, (chosen, options) in read_operations(augment).items():
        copies = auto if options.copies == AUTO else options.copies
        if copies:
            found[name] = chosen, dataclasses.replace(options, copies=copies)
    return found


def described(operations: Mapping[str, tuple[Filter, Any]]) -> dict[str, dict[str, Any]]:
    """Operations as JSON takes them, every default in it."""
    return {name: asdict(chosen) | asdict(options) for name, (chosen, options) in operations.items()}
