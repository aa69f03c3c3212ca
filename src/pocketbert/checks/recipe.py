"""What a recipe says that a later stage would refuse."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pocketbert.checks import failed, ok, warning
from pocketbert.distill.methods import method_names
from pocketbert.distill.options import AUTO
from pocketbert.environment import NEWEST, OLDEST
from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.tasks import UserError
from pocketbert.tasks.worth import Finding

NEEDED = ("torch", "transformers", "accelerate", "safetensors", "sklearn", "matplotlib")
NEEDED_FOR = {
    "pte": ("executorch", "torchao"),
    "tflite": ("litert_torch", "ai_edge_quantizer", "flatbuffers"),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
}
# Of the teacher's weights in float32. While it trains: its weights, AdamW's two moments (one checkpoint, and the next while it
# is written), the best weights and the model of the run, and the same again for a second run at a lower rate.
TRAINING_COPIES = 10
# While a file is made its format holds the weights in float32 about twice.
LOWERING_COPIES = 2
BERT_BASE = 0.45e9  # bytes of the model that `bench.baselines: [bert-base]` writes


def python(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    """The libraries that train and export have wheels for few versions of Python."""
    shown, spoken = ".".join(map(str, sys.version_info[:2])), " to ".join(f"{a}.{b}" for a, b in (OLDEST, NEWEST))
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        yield ok(f"Python {shown}")
    else:
        yield failed(f"Python {shown}; training and export work on {spoken}", "use Python 3.11, which is the tested one")


def packages(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    """A package that only the last stage needs is missed after the first has worked for minutes."""
    wanted = [*NEEDED, *(name for container in recipe.export.formats for name in NEEDED_FOR[container])]
    if recipe.bench.baselines:
        wanted += NEEDED_FOR["onnx"]
    sources = (recipe.data.train, recipe.data.dev, recipe.data.test or "", recipe.data.unlabelled or "")
    if any(source.startswith("datasets:") or source.endswith(".parquet") for source in sources):
        wanted.append("datasets")
    wanted = list(dict.fromkeys(wanted))
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        yield failed(f"this recipe needs {', '.join(missing)}", "install the extra all (`pip install -e '.[all]'` in a checkout)")
    else:
        yield ok(f"all {len(wanted)} are installed")


def quantization(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    """The name is read when the student is exported, hours after the recipe was."""
    from pocketbert.edge_export.quantization import quantization as named

    try:
        found = named(recipe.export.quantization)
    except UserError as error:
        yield failed(str(error).removesuffix("."), "export.quantization: int8")
    else:
        yield ok(f"{found.recipe}: {found.linear_bits} bits in linear layers, {found.embedding_bits} in the embedding")


def method_and_losses(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    """Names of methods and losses, and their options, are read when the student's stages begin."""
    from pocketbert.distill.terms import read_losses

    if recipe.method not in (AUTO, *method_names()):
        yield failed(f'there is no method "{recipe.method}"', f"method: {AUTO}, or one of {', '.join(method_names())}")
        return
    sections = {"intermediate": recipe.intermediate and recipe.intermediate.losses, "prediction": recipe.prediction.losses}
    seen = []
    for section, losses in sections.items():
        if losses:
            try:
                seen += [f"{section}: {', '.join(read_losses(losses))}"]
            except UserError as error:
                fix = "losses: {embedding: {}, attention: {}, hidden: {}}" if section == "intermediate" else "losses: {}"
                yield failed(str(error).removesuffix("."), f"{section}.{fix}")
                return
    yield ok("; ".join([f"method {recipe.method}", *seen]))


def bench_limits(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    """The bench refuses what it cannot keep to, as the last stage but one."""
    from pocketbert.bench import Plan

    wanted, longest = recipe.bench, Plan().max_seconds
    if wanted.min_seconds > longest:
        yield failed(
            f"bench.min_seconds is {wanted.min_seconds:g}, and a file is measured for at most {longest:g} s",
            f"bench.min_seconds: {longest:g}",
        )
        return
    try:
        Plan(threads=wanted.threads, min_runs=wanted.min_runs, min_seconds=wanted.min_seconds)
    except UserError as error:
        yield failed(str(error).removesuffix("."), "bench: {}, which takes the defaults")
        return
    yield ok(f"{wanted.min_runs} runs and {wanted.min_seconds:g} s at least, {wanted.threads} thread(s)")


def free_disk(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    """A full disk ends a build in the middle; what is finished stays, but the minutes are lost."""
    weights = _weights(recipe.teacher.model)
    if weights is None:
        yield ok(f"{recipe.teacher.model} is not on this machine yet, so what the run needs is not known")
        return
    files = len(recipe.export.formats) * (2 if recipe.export.teacher else 1)
    needed = weights * (TRAINING_COPIES + LOWERING_COPIES * files) + (BERT_BASE if "bert-base" in recipe.bench.baselines else 0)
    place = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(place).free
    words = f"the run needs up to {_gigabytes(needed)}"
    if free >= needed:
        yield ok(words)  # how much is free changes from run to run, and a finding that changes makes the report anew
        return
    fix = f"free {_gigabytes(needed - free)}, or put the run folder on another disk: --runs FOLDER"
    found = f"{words}, and {_gigabytes(free)} are free in {place}"
    yield warning(found, fix) if free >= needed / 2 else failed(found, fix)


def _weights(model: str) -> float | None:
    """Bytes of a model folder's weights in float32; None where there is no such folder.

    Raises:
        UserError: a `package:` place that is not there.
    """
    import json

    place = Path(locate(model))
    kinds = ("*.safetensors", "pytorch_model*.bin")
    sizes = (sum(file.stat().st_size for file in place.glob(kind)) for kind in kinds)
    size = next((size for size in sizes if size), None)  # a folder may have the same weights in both kinds
    if size is None:
        return None
    try:
        kept_as = json.loads((place / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return size
    return size * (2 if "16" in str(kept_as.get("dtype") or kept_as.get("torch_dtype")) else 1)


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB"


CHECKS = (python, packages, quantization, method_and_losses, bench_limits, free_disk)
