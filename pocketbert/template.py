"""The recipe that `pocketbert new` writes: every option with its default and its meaning, made from the dataclasses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pocketbert.distill.auto import default_depth
from pocketbert.distill.methods import method_names
from pocketbert.distill.options import TrainOptions
from pocketbert.recipe import Recipe
from pocketbert.sections import options_of, shown, summary_of

INDENT = "  "
OPTIONAL = ("IntermediateOptions",)  # not there by default, and its options are worth showing
REMARKS = 46  # column in which meanings begin
# Written out, so that the sections that people edit most are open; the rest is commented out.
LIVE = ("task", "max_length", "seed", "budget", "method", "teacher.fine_tune", "student.layers", "augment.recombine")
LIVE += ("worth.teacher_share", "export.formats", "export.quantization", "verify.points", "bench.threads")
# Whose training options are shown; the other stages have the same.
SHOWN_ONCE = ("teacher", "training")


def recipe_text(file: str, values: Mapping[str, str], costs: str) -> str:
    """The whole file.

    Args:
        file: its name, for the first line.
        values: path of a key -> its value, for what has no default.
        costs: a sentence on what one layer more or less costs; empty where nobody knows.
    """
    head = [
        f"# pocketbert build {file}",
        "#",
        "# What is commented out has the value shown. auto is found by the build, from the sizes of model and data and from dev;",
        "# a value that you give always wins. `pocketbert doctor` looks at everything first; `build --dry-run` prints the plan.",
    ]
    if costs:
        head += [f"# {costs}"]
    return "\n".join([*head, "", *_section(Recipe, (), values)]) + "\n"


def layer_costs(cost: tuple[int, float] | None, teacher_layers: int) -> str:
    """What one layer of the student costs: `cost` is its parameters and its share of the teacher's work."""
    if cost is None:
        return ""
    parameters, share = cost
    return (
        f"One student layer more or less: {parameters / 1e6:.1f} MB of int8 file and {share:.0%} of the teacher's time per text; "
        f"auto takes {default_depth(teacher_layers)} of its {teacher_layers} layers."
    )


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
