"""The student as the recipe wants it, looked at before it exists."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pocketbert.checks import failed, ok, warning
from pocketbert.checks.source import Source
from pocketbert.distill.options import AUTO
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.stages.data import Splits
from pocketbert.tasks import Task, UserError
from pocketbert.tasks.worth import Finding

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

# Enough to make a student whose layers are narrower; which neurons stay does not matter to what is looked at here.
RANKING_ROWS = 32


def student_layers(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """Layers that the source does not have cannot be copied, and random ones need far more text."""
    from pocketbert.distill.feed_forward import neurons_of

    wrong = _wrong_layers(recipe, source)
    wanted = recipe.student
    if wrong is not None:
        yield wrong
    elif wanted.preset or wanted.shape is not None:
        name = wanted.preset if wanted.shape is None else f"{wanted.shape.layers} layers of width {wanted.shape.hidden}"
        yield warning(
            f"{name} begins with random weights, which takes far more text than a task has",
            "student.layers: auto, which copies layers of the teacher; or many texts in data.unlabelled",
        )
    else:
        copied, whose = _copied_from(recipe, source)
        student, there = _student_config(recipe, source), neurons_of(copied)
        kept = f", {neurons_of(student)} of their {there} feed-forward neurons each" if neurons_of(student) < there else ""
        yield ok(f"{student.num_hidden_layers} of the {copied.num_hidden_layers} of {whose}{kept}")


def vocabulary(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """Teacher and student read the same ids: layers from another model must come with the same words."""
    from pocketbert.distill.folders import read_tokenizer

    other = recipe.student.layers_from
    if other is None:
        yield ok("the student has its teacher's")
    elif read_tokenizer(locate(other)).get_vocab() != source.tokenizer.get_vocab():
        fix = "student.layers_from: null, which copies the teacher's layers, or a model with its vocabulary"
        yield failed(f"{other} has another vocabulary than the teacher", fix)
    else:
        yield ok(f"{other} has the teacher's")


def losses_fit(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """Some losses need equal numbers of heads, or layers that are matched: refused when their stage begins."""
    if _wrong_layers(recipe, source) is not None:
        return
    import torch

    from pocketbert.distill.layer_map import layer_pairs
    from pocketbert.distill.terms import read_losses, terms_of
    from pocketbert.stages.plan import intermediate_options

    student, seen = _student_config(recipe, source), []
    inner = intermediate_options(recipe)
    for name, options in (("intermediate", inner), ("prediction", recipe.prediction)):
        if options is None or not options.losses:
            continue
        try:
            read_losses(options.losses)
        except UserError:  # as "method and losses" says
            return
        try:
            with torch.random.fork_rng(devices=[]):  # projections draw their first weights
                pairs = layer_pairs(options.layer_map, student.num_hidden_layers, source.config.num_hidden_layers)
                terms_of(options.losses, student, source.config, pairs)
        except UserError as error:
            yield failed(f"{name}: {error}".removesuffix("."), "method: logits, which needs neither heads nor layers to match")
            return
        seen.append(f"{name}: {', '.join(options.losses)}")
    yield ok("; ".join(seen) or "the predictions alone")


def augmentation(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """Models, files and filters of the operations that make more texts are needed when the teacher is finished."""
    from pocketbert.distill.augment import operation
    from pocketbert.distill.augmented import check_filter
    from pocketbert.stages.augment import operations_of

    wanted = operations_of(recipe, len(splits.train.examples) + len(splits.unlabelled))
    for name, (chosen, options) in wanted.items():
        try:
            check_filter(name, chosen, task)
            operation(name).check(options)
        except UserError as error:
            yield failed(str(error).removesuffix("."), f"what the message says; or leave augment.{name} out")
            return
    yield ok("; ".join(f"{name}: {options.copies} per text" for name, (_, options) in wanted.items()) or "no more texts")


def static_length(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """A file of one padded length cuts texts there, whatever the student was trained at."""
    wanted, longest = recipe.export.static_length, source.max_length
    if wanted is None:
        yield ok(f"none: texts of their own length, up to {longest} tokens")
    elif wanted < longest:
        yield warning(
            f"the files cut texts at {wanted} tokens, and the student is trained on {longest}",
            f"max_length: {wanted}, or export.static_length: {longest}",
        )
    elif wanted > longest:
        yield warning(
            f"the files take {wanted} tokens, and the student never sees a text longer than {longest}",
            f"export.static_length: {longest}",
        )
    else:
        yield ok(f"{wanted} tokens, as the student is trained")


def mediapipe(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """MediaPipe's TextClassifier opens one kind of file: a .tflite of a classifier of single texts with WordPiece."""
    if not recipe.export.mediapipe:
        yield ok("not wanted")
        return
    kind = type(source.tokenizer.backend_tokenizer.model).__name__
    reasons = [] if task.discrete else ["it has no text regression"]
    reasons += ["it takes single texts, and the task has pairs"] if task.pair else []
    reasons += [] if kind == "WordPiece" else [f"it knows WordPiece, and the teacher's tokenizer is a {kind}"]
    if reasons:
        yield failed(f"no file for MediaPipe can be made: {'; '.join(reasons)}", "export.mediapipe: false")
    elif "tflite" not in recipe.export.formats:
        yield warning("only a .tflite can be for MediaPipe, and none is made", "export.formats: [tflite]")
    else:
        yield ok("the .tflite can be made for it")


def student_can_be_exported(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """The student is made as its first stage makes it, and looked at as export does: what it refuses, it refuses now."""
    from pocketbert.distill.student import build_student
    from pocketbert.edge_export.encoder import exportable_parts
    from pocketbert.stages.student import student_shape

    shape, some = student_shape(recipe, source.place), splits.train.examples[:RANKING_ROWS]
    student = build_student(source.place, shape, task, source.max_length, recipe.seed, some)
    exportable_parts(student, recipe.export.static_length or source.max_length)
    yield ok(f"a {type(student).__name__} of {student.num_parameters() / 1e6:.1f} M parameters")


def _wrong_layers(recipe: Recipe, source: Source) -> Finding | None:
    """Why the recipe's student cannot be made, or None."""
    wanted = recipe.student
    if wanted.preset:
        return None
    if wanted.shape:
        width, heads = wanted.shape.hidden, wanted.shape.heads
        if width % heads == 0:
            return None
        fix = f"student.shape.hidden: {heads * (width // heads + 1)}"
        return failed(f"a width of {width} is not a multiple of {heads} heads", fix)
    from pocketbert.distill.feed_forward import neurons_of

    copied, whose = _copied_from(recipe, source)
    depth, layers = copied.num_hidden_layers, wanted.teacher_layers
    if layers is not None and (not layers or max(layers) >= depth):
        fix = f"student.teacher_layers: {sorted({0, depth // 2, depth - 1})}"
        return failed(f"student.teacher_layers is {layers}, and {whose} has layers 0 to {depth - 1}", fix)
    if layers is not None and len(set(layers)) < len(layers):
        fix = f"student.teacher_layers: {sorted(set(layers))}"
        return failed(f"student.teacher_layers is {layers}, and each layer can be taken once", fix)
    if layers is None and isinstance(wanted.layers, int) and wanted.layers > depth:
        return failed(f"student.layers is {wanted.layers}, and {whose} has {depth}", f"student.layers: {depth} or fewer")
    there = neurons_of(copied)
    if wanted.feed_forward != AUTO and wanted.feed_forward > there:
        said = f"student.feed_forward is {wanted.feed_forward}, and the layers of {whose} have {there} neurons"
        return failed(said, f"student.feed_forward: {there} or fewer")
    return None


def _copied_from(recipe: Recipe, source: Source) -> tuple[PreTrainedConfig, str]:
    """(configuration of the model whose layers are copied, what to call it)."""
    from pocketbert.distill.folders import read_config

    other = recipe.student.layers_from
    if other is None:
        return source.config, "the teacher"
    return read_config(locate(other)), other


def _student_config(recipe: Recipe, source: Source) -> Any:
    """A configuration with the sizes that the student is going to have."""
    from transformers import BertConfig

    from pocketbert.distill.capture import layout_of
    from pocketbert.distill.folders import read_config
    from pocketbert.distill.student import NewShape
    from pocketbert.stages.student import student_shape

    shape = student_shape(recipe, source.place)
    if isinstance(shape, NewShape):
        return BertConfig(hidden_size=shape.hidden, num_hidden_layers=shape.layers, num_attention_heads=shape.heads)
    config = copy.deepcopy(source.config if shape.source is None else read_config(shape.source))
    config.num_hidden_layers = len(shape.layers)
    if shape.feed_forward is not None:
        setattr(config, layout_of(config).neurons, shape.feed_forward)
    return config


CHECKS = (student_layers, vocabulary, losses_fit, augmentation, static_length, mediapipe)
# Only where nothing else has failed: it would be met here again, in other words.
LAST_CHECKS = (student_can_be_exported,)
