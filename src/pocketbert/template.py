"""The recipe that `pocketbert new` writes: every option with its default and its meaning, made from the dataclasses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pocketbert.distill.methods import method_names
from pocketbert.distill.options import TrainOptions
from pocketbert.recipe import Recipe
from pocketbert.sections import options_of, shown, summary_of
from pocketbert.stages.student import Costs

INDENT = "  "
OPTIONAL = ("IntermediateOptions",)  # not there by default, and its options are worth showing
REMARKS = 46  # column in which meanings begin
# Written out, so that the sections that people edit most are open; the rest is commented out.
LIVE = ("task", "max_length", "seed", "budget", "method", "teacher.fine_tune", "student.layers", "augment")
LIVE += ("worth.teacher_share", "export.formats", "export.quantization", "verify.points", "bench.threads")
# Whose training options are shown; the other stages have the same.
SHOWN_ONCE = ("teacher", "training")


def recipe_text(file: str, values: Mapping[str, str], costs: Costs | None) -> str:
    """The whole file.

    Args:
        file: its name, for the first line.
        values: path of a key -> its value, for what has no default.
        costs: of the student's layers; None where nobody knows.
    """
    head = [
        f"# pocketbert build {file}",
        "#",
        "# What is commented out has the value shown. auto is found by the build, from the sizes of model and data and from dev;",
        "# a value that you give always wins. `pocketbert doctor` looks at everything first; `build --dry-run` prints the plan.",
    ]
    head += [f"# {line}" for line in cost_lines(costs)]
    return "\n".join([*head, "", *_section(Recipe, (), values)]) + "\n"


def cost_lines(costs: Costs | None) -> list[str]:
    """What a layer of the student costs, narrow as the default makes it and whole; nothing where nobody knows."""
    if costs is None:
        return []
    return [
        f"By itself the student has all {costs.layers} layers of the teacher, with {costs.kept} of their {costs.neurons} "
        "feed-forward neurons; each is",
        f"{costs.layer / 1e6:.1f} MB of int8 file and {costs.layer_share:.0%} of the teacher's multiply-accumulates. Whole, as "
        f"student.layers: {costs.layers // 2 or 1} copies them,",
        f"a layer more or less is {costs.whole / 1e6:.1f} MB and {costs.whole_share:.0%}. Fewer layers are faster.",
    ]


def _section(section: type, path: tuple[str, ...], values: Mapping[str, str]) -> Iterator[str]:
    indent = INDENT * len(path)
    for option in options_of(section):
        name, meaning, inner = option.name, option.meaning, option.inner
        key = ".".join([*path, name])
        if inner is TrainOptions and (*path, name) != SHOWN_ONCE:
            what = f"{meaning.removesuffix('.')}; options as in teacher.training."
            yield _line(f"{indent}# {name}: {{}}", what)
        elif key in values:
            yield _line(f"{indent}{name}: {json.dumps(values[key], ensure_ascii=False)}", meaning)
        elif inner is not None and (option.default is not None or inner.__name__ in OPTIONAL):
            lines = list(_section(inner, (*path, name), values))
            live = any(not line.lstrip().startswith("#") for line in lines)
            if not path:
                yield ""
            yield _line(f"{indent}{'' if live else '# '}{name}:", meaning or summary_of(inner))
            yield from lines
        else:
            if name == "method":
                meaning = f"{meaning} One of: auto, {', '.join(method_names())}."
            yield _line(f"{indent}{'' if key in LIVE else '# '}{name}: {shown(option.default)}", meaning)


def _line(text: str, meaning: str) -> str:
    return f"{text:<{REMARKS - 1}} # {meaning}" if meaning else text
