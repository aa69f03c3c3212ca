"""docs/options.md's tables: every option of a recipe, a loss and an operation, and every method, from where they are defined."""

from __future__ import annotations

from collections.abc import Iterator

from pocketbert.distill.augment import Filter, operation_module, operation_names
from pocketbert.distill.methods import method_names, read_method
from pocketbert.distill.options import GeneralOptions, TrainOptions
from pocketbert.distill.terms import Weight, term_module, term_names
from pocketbert.recipe import Recipe
from pocketbert.sections import REQUIRED, Option, options_of, shown, summary_of
from pocketbert.tasks.markdown import markdown_table

TRAINING = "teacher.training"  # the one place where these options are shown


def options_tables() -> str:
    """Markdown: one table per section of the recipe, then of `pocketbert general`, the operations, the losses and the methods."""
    return "\n".join([*_section(Recipe, ""), *_general(), *_operations(), *_losses(), *_methods()]).rstrip()


def _section(section: type, path: str) -> Iterator[str]:
    options = list(options_of(section))
    yield from _heading(f"`{path}`" if path else "The recipe", summary_of(section))
    yield from _table([option for option in options if option.inner is None])
    for option in options:
        under = f"{path}.{option.name}" if path else option.name
        if option.inner is TrainOptions and under != TRAINING:
            yield from _heading(f"`{under}`", f"{option.meaning or summary_of(TrainOptions)} Options as in `{TRAINING}`.")
        elif option.inner is not None:
            yield from _section(option.inner, under)


def _general() -> Iterator[str]:
    options = [option for option in options_of(GeneralOptions) if option.inner is None]
    yield from _heading("`general`", f"Of the command `pocketbert general`, beside the options of `{TRAINING}`.")
    yield from _table(options)


def _operations() -> Iterator[str]:
    yield from _heading("`augment`", "Each operation has these options, and some of its own.")
    yield from _table(list(options_of(Filter)))
    for name in operation_names():
        yield from _heading(f"`augment.{name}`", summary_of(operation_module(name)))
        yield from _table(list(options_of(operation_module(name).Options)))


def _losses() -> Iterator[str]:
    yield from _heading(
        "`losses`", "Of `intermediate.losses` and `prediction.losses`: each loss has a `weight`, and options of its own."
    )
    yield from _table(list(options_of(Weight)))
    for name in term_names():
        module = term_module(name)
        yield from _heading(f"`losses.{name}`", summary_of(module))
        yield from _table(list(options_of(module.Options)))


def _methods() -> Iterator[str]:
    yield from _heading("`method`", "What `method: NAME` sets; the recipe's own keys win over it.")
    methods = {name: read_method(name) for name in method_names()}
    rows = [(f"`{name}`", method.summary, method.reference) for name, method in methods.items()]
    yield markdown_table(("name", "what it does", "source"), rows)


def _heading(title: str, text: str) -> Iterator[str]:
    yield from (f"## {title}", "", text, "")


def _table(options: list[Option]) -> Iterator[str]:
    if not options:
        return
    defaults = ["required" if option.default is REQUIRED else f"`{shown(option.default)}`" for option in options]
    rows = [(f"`{one.name}`", one.values, default, one.meaning) for one, default in zip(options, defaults, strict=True)]
    yield from (markdown_table(("key", "takes", "default", "meaning"), rows), "")
