"""Command-line options made from the dataclasses that a recipe's sections are: no option, default or meaning is written twice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, get_args, get_type_hints

import typer
from annotated_doc import Doc

TRAINING = "training"


def with_options(**sections: tuple[str, type]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that gives a command one option per field of each section.

    Args:
        sections: keyword of the command -> (prefix of its options, dataclass). The command gets under that keyword the nested
            mapping of what the user gave, as a recipe would hold it. Options of a nested `training` have no further prefix.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name not in sections]
        made = {keyword: dict(_options(prefix, section)) for keyword, (prefix, section) in sections.items()}
        new = [parameter for options in made.values() for _, parameter in options.values()]

        signature = inspect.Signature([*own, *new])

        def run(*arguments: Any, **options: Any) -> None:
            bound = signature.bind(*arguments, **options)
            bound.apply_defaults()
            values = bound.arguments
            given = {keyword: _nested(options, values) for keyword, options in made.items()}
            command(**{p.name: values[p.name] for p in own}, **given)

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = signature
        run.__annotations__ = {p.name: p.annotation for p in (*own, *new)}
        return run

    return decorate


def described(section: type) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """(path of the key, its meaning, its default) of every option of a dataclass, those of nested dataclasses included.

    Nothing is instantiated: an instance checks its values, and what checks them is slow to load.
    """
    hints = get_type_hints(section, include_extras=True)
    for entry in fields(section):
        hint = hints[entry.name]
        nested = next((part for part in (hint, *get_args(hint)) if isinstance(part, type) and is_dataclass(part)), None)
        if nested is not None:
            yield from (((entry.name, *path), meaning, default) for path, meaning, default in described(nested))
        else:
            meaning = next((extra.documentation for extra in get_args(hint) if isinstance(extra, Doc)), "")
            yield (entry.name,), meaning, entry.default if entry.default_factory is MISSING else entry.default_factory()


def _options(prefix: str, section: type) -> Iterator[tuple[tuple[str, ...], tuple[str, inspect.Parameter]]]:
    for path, meaning, default in described(section):
        words = [part for part in (prefix, *path) if part and part != TRAINING]
        flag, name = "--" + "-".join(words).replace("_", "-"), "_".join(words)
        shown = "none" if default is None else dict(default) if isinstance(default, Mapping) else default
        help_text = f"{meaning} [default: {shown}]".replace("[default", r"\[default")
        annotation = Annotated[str | None, typer.Option(flag, help=help_text, metavar="VALUE", show_default=False)]
        parameter = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        yield path, (flag, parameter)


def _nested(options: Mapping[tuple[str, ...], tuple[str, inspect.Parameter]], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, in the shape of a recipe's section; each value is read as YAML, as in a recipe."""
    found: dict[str, Any] = {}
    for path, (flag, parameter) in options.items():
        text = values[parameter.name]
        if text is None:
            continue
        place = found
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = _value(flag, str(text))
    return found


def _value(flag: str, text: str) -> Any:
    import yaml

    from pocketbert.tasks.errors import UserError

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UserError(f"{flag}: cannot read {text!r}; write it as in a recipe.") from None
    if isinstance(value, str):
        try:
            return float(value)  # YAML wants 1.0e-4 for what people write as 1e-4
        except ValueError:
            return value
    return value
