"""The untrained student of a recipe, and what its parts cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketbert.distill.auto import default_neurons, spread_layers
from pocketbert.distill.options import AUTO
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.run_folder import file_hash
from pocketbert.tasks import Example, Task


def student_inputs(recipe: Recipe) -> dict[str, Any]:
    """What decides the untrained student, for a stage's hash."""
    source = recipe.student.layers_from
    place = None if source is None else locate(source)
    return {
        "student": recipe.student.model_dump(exclude={"layers_from"}),
        "layers_from": file_hash(place) if place is not None and Path(place).is_dir() else place,
        "seed": recipe.seed,
    }


def student_shape(recipe: Recipe, teacher: Path | str):
    """The recipe's section as distill's own shape; a depth becomes layers spread over those of `teacher` or `layers_from`."""
    from dataclasses import replace

    from pocketbert.distill.feed_forward import neurons_of
    from pocketbert.distill.folders import read_config
    from pocketbert.distill.student import NewShape, TeacherLayers, preset

    wanted = recipe.student
    shape = preset(wanted.preset) if wanted.preset else None
    if wanted.shape is not None:
        shape = NewShape(**wanted.shape.model_dump())
    if shape is not None:
        return shape if wanted.dropout is None else replace(shape, dropout=wanted.dropout)
    source = None if wanted.layers_from is None else locate(wanted.layers_from)
    config = read_config(source or teacher)
    depth, layers = config.num_hidden_layers, wanted.teacher_layers
    if layers is None:
        layers = spread_layers(depth if wanted.layers == AUTO else wanted.layers, depth)
    neurons = wanted.feed_forward
    if neurons == AUTO:
        neurons = default_neurons(neurons_of(config)) if wanted.shape_is_auto else None
    return TeacherLayers(tuple(layers), source, wanted.dropout, neurons)


def write_start(
    recipe: Recipe, teacher: Path | str, task: Task, max_length: int, examples: Sequence[Example], out: Path
) -> Path:
    """The untrained student, with layers of `teacher`, in the folder `out`; what stands there already is kept."""
    from pocketbert.distill.student import write_student

    if not (out / "config.json").is_file():
        write_student(teacher, student_shape(recipe, teacher), task, max_length, recipe.seed, out, examples)
    return out


@dataclass(frozen=True)
class Costs:
    """What the parts of a student cost, in int8, where a parameter is about a byte; shares are of the teacher's
    multiply-accumulates in its layers' projections.

    Args:
        layers, neurons: how many layers the teacher has, and feed-forward neurons in each of them.
        kept: how many of these the default keeps.
        layer, layer_share: parameters and work of one layer of the default student.
        whole, whole_share: the same of one layer with all neurons.
    """

    layers: int
    neurons: int
    kept: int
    layer: int
    layer_share: float
    whole: int
    whole_share: float


def costs_of(config: Path) -> Costs | None:
    """From a model folder's config.json; None where the file is not there or says nothing of its shape."""
    try:
        found = json.loads(config.read_text(encoding="utf-8"))
        width, layers, neurons = found["hidden_size"], found["num_hidden_layers"], found["intermediate_size"]
    except (OSError, ValueError, KeyError):
        return None

    def parameters(inner: int) -> int:
        return 4 * width * width + 2 * width * inner + 9 * width + inner

    def share(inner: int) -> float:
        return (2 * width + inner) / (2 * width + neurons) / layers

    kept = default_neurons(neurons)
    return Costs(layers, neurons, kept, parameters(kept), share(kept), parameters(neurons), share(neurons))
