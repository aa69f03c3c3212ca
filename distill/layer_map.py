"""Which teacher layer each student layer follows."""

from __future__ import annotations

from collections.abc import Sequence

from pocketbert.tasks import UserError

NAMES = ("uniform", "top", "bottom", "last")


def layer_pairs(wanted: str | Sequence[int], student_layers: int, teacher_layers: int) -> tuple[tuple[int, int], ...]:
    """(student layer, teacher layer) pairs, counted from 0; both the attention and the output of the layer are matched.

    Args:
        wanted: "uniform" (spread evenly, the last on the last; 4 of 12 are 2, 5, 8, 11, the paper's g(m) = 3m), "top" (the
            teacher's last layers), "bottom" (its first), "last" (only the last on the last), or one teacher layer for each
            student layer. A teacher whose layers do not divide evenly is spread as evenly as whole numbers allow.
        student_layers: how many the student has.
        teacher_layers: how many the teacher has.

    Raises:
        UserError: an unknown name, a list that does not fit, or a student with more layers than its teacher.
    """
    if not isinstance(wanted, str):
        return tuple(enumerate(_checked(list(wanted), student_layers, teacher_layers)))
    if wanted not in NAMES:
        raise UserError(f'unknown layer map "{wanted}"; use one of {", ".join(NAMES)}, or a list of teacher layers.')
    if student_layers > teacher_layers:
        raise UserError(
            f'layer map "{wanted}": the student has {student_layers} layers and the teacher {teacher_layers}; '
            "use fewer student layers, or a list that names a teacher layer for each."
        )
    if wanted == "last":
        return ((student_layers - 1, teacher_layers - 1),)
    first = {
        "uniform": [(i + 1) * teacher_layers // student_layers - 1 for i in range(student_layers)],
        "top": list(range(teacher_layers - student_layers, teacher_layers)),
        "bottom": list(range(student_layers)),
    }
    return tuple(enumerate(first[wanted]))


def _checked(layers: list[int], student_layers: int, teacher_layers: int) -> list[int]:
    if len(layers) != student_layers:
        raise UserError(f"layer map {layers}: {len(layers)} teacher layers named for {student_layers} student layers.")
    if any(isinstance(layer, bool) or not isinstance(layer, int) for layer in layers):
        raise UserError(f"layer map {layers}: layers are whole numbers, counted from 0.")
    if any(not 0 <= layer < teacher_layers for layer in layers):
        raise UserError(f"layer map {layers}: the teacher has layers 0 to {teacher_layers - 1}.")
    if layers != sorted(layers):
        raise UserError(f"layer map {layers}: later student layers must follow later (or the same) teacher layers.")
    return layers
