"""The commands as functions, for scripts and notebooks.

They take what the commands take, say what the commands say on standard error, and return what was made. Options of training are
those of a recipe (docs/options.md), as nested dictionaries; what is not given is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketbert.bench import Plan, Record, bench
from pocketbert.edge_export.artifact import load
from pocketbert.edge_export.verify import Limits, Verdict
from pocketbert.tasks import Columns, UserError

if TYPE_CHECKING:
    from pocketbert.recipe import Export
    from pocketbert.single_stage import Trained

__all__ = ["Columns", "Exported", "Limits", "Plan", "Record", "UserError", "Verdict"]
__all__ += ["bench", "distill", "export", "load", "teach", "verify"]


@dataclass(frozen=True)
class Exported:
    """Sealed files of one model.

    Args:
        files: container ("pte", "tflite", "onnx") -> the file.
        verdicts: container -> how the file did against the model; empty where no data was given.
        reference: the model's recorded outputs on the data, for `verify`; None where no data was given.
    """

    files: dict[str, Path]
    verdicts: dict[str, Verdict]
    reference: Path | None


def teach(
    model: str | Path,
    train: str | Path,
    dev: str | Path,
    out: str | Path = "teacher",
    *,
    task: str = "classification",
    columns: Columns | None = None,
    max_length: int | None = None,
    budget: float | None = None,
    training: Mapping[str, Any] | None = None,
) -> Trained:
    """Fine-tunes an encoder: `pocketbert teach`.

    Args:
        model: a folder, a Hugging Face id or "package:NAME/PATH".
        train, dev: labelled CSV, TSV, JSONL or Parquet files, or "datasets:ID/SPLIT".
        out: folder for the model, which is written whole or not at all.
        task: "classification" or "regression".
        columns: which column is what; None: found by their usual names.
        max_length: of the longest text in tokens.
        budget: minutes that the training may take.
        training: options by name, such as {"epochs": 4}.

    Raises:
        UserError: what was wrong, where, and what to do.
    """
    from pocketbert import single_stage

    content = {
        "task": task,
        "data": {"train": str(train), "dev": str(dev), "columns": _names(columns)},
        "max_length": max_length,
        "budget": budget,
        "teacher": {"model": str(model), "training": dict(training or {})},
    }
    return single_stage.teach(single_stage.recipe_of(content), Path(out))


def distill(
    teacher: str | Path,
    train: str | Path,
    dev: str | Path,
    out: str | Path = "student",
    *,
    columns: Columns | None = None,
    unlabelled: str | Path | None = None,
    budget: float | None = None,
    seed: int | None = None,
    **sections: Any,
) -> Trained:
    """Distils a student from a fine-tuned teacher: `pocketbert distill`.

    Args:
        teacher: folder of a fine-tuned classifier or regression model.
        train, dev: labelled data, as for `teach`.
        out: folder for the student, which is written whole or not at all.
        columns: which column is what; None: found by their usual names.
        unlabelled: a file of texts for the teacher to label.
        budget: minutes that everything may take.
        seed: of everything that is drawn.
        sections: of a recipe, as it holds them: student={"layers": 3}, method="tinybert", prediction={"temperature": 2.0}.

    Raises:
        UserError: what was wrong, where, and what to do.
    """
    from pocketbert import single_stage
    from pocketbert.distill.folders import read_classifier

    data = {"train": str(train), "dev": str(dev), "columns": _names(columns)}
    known = read_classifier(Path(teacher))
    content = {
        "task": known.task.kind,
        "data": data | ({} if unlabelled is None else {"unlabelled": str(unlabelled)}),
        "max_length": known.max_length,
        "budget": budget,
        "seed": seed,
        "teacher": {"model": str(teacher), "fine_tune": False},
        "baseline": None,
        **sections,
    }
    return single_stage.distill(single_stage.recipe_of(content), Path(out))


def export(
    model: str | Path,
    out: str | Path = "sealed",
    *,
    data: str | Path | None = None,
    columns: Columns | None = None,
    wanted: Export | None = None,
    limits: Limits | None = None,
    max_length: int | None = None,
    pair: bool | None = None,
) -> Exported:
    """Makes sealed files of a fine-tuned model, and verifies them where there is data: `pocketbert export`.

    A file that fails its verification is there all the same: look at `verdicts[...].passed`.

    Args:
        model: folder or Hugging Face id of a fine-tuned BERT-type model.
        out: folder for the files.
        data: labelled data to verify the files on.
        columns: which column is what; None: found by their usual names.
        wanted: formats and number formats (`pocketbert.recipe.Export`).
        limits: when a file has lost too much.
        max_length: longest text in tokens; None: the model's own.
        pair: whether the model takes pairs of texts; None: as it says itself, else as the data has them.

    Raises:
        UserError: what was wrong, where, and what to do.
    """
    from pocketbert.console import progress_bar, say
    from pocketbert.environment import check_training_python
    from pocketbert.locate import locate
    from pocketbert.recipe import Export
    from pocketbert.tasks import examples_of, read_table
    from pocketbert.tasks.columns import resolve
    from pocketbert.tasks.errors import not_installed

    check_training_python()
    try:
        from pocketbert.edge_export.source import load_source
    except ImportError as error:
        raise not_installed("export", error.name, "export") from None
    from pocketbert.edge_export.verify import write_verdict
    from pocketbert.stages.export import export_folder

    columns, out, model = columns or Columns(), Path(out), locate(str(model))
    table = None if data is None else read_table(data)
    if table is not None and pair is None and not _knows_its_task(model):
        pair = resolve(table, columns, None, need_label=True).text_pair is not None
    source = load_source(model, max_length, pair)
    examples = None if table is None else examples_of(table, source.task, columns)
    recorded = None if data is None or examples is None else (Path(data).name, examples)
    found = export_folder(model, wanted or Export(), out, say, data=recorded, source=source)
    files = {container: out / entry["file"] for container, entry in found["files"].items()}
    if data is None:
        return Exported(files, {}, None)
    verdicts = {}
    for container, file in files.items():
        with progress_bar(f"verify {file.name}") as bar:
            verdicts[container] = _verified(file, examples, out / "reference.json", limits, progress=bar)
        write_verdict(file, verdicts[container])
    return Exported(files, verdicts, out / "reference.json")


def verify(
    file: str | Path,
    data: str | Path | None = None,
    *,
    reference: str | Path | None = None,
    columns: Columns | None = None,
    limits: Limits | None = None,
    **runtime: Any,
) -> Verdict:
    """Checks a sealed file in the runtime that will run it: `pocketbert verify`. Needs no torch.

    Args:
        file: a sealed .pte, .tflite or .onnx.
        data: labelled data to score the file on.
        reference: what `export` recorded on the same data.
        columns: which column is what; None: found by their usual names.
        limits: when a file has lost too much.
        runtime: threads and engine, as in `load`; progress, called with (rows done, rows).

    Raises:
        UserError: what was wrong, where, and what to do.
    """
    from pocketbert.edge_export.artifact import open_artifact
    from pocketbert.tasks import read_examples

    examples = None if data is None else read_examples(data, open_artifact(file).task, columns)
    return _verified(Path(file), examples, reference, limits, **runtime)


def _verified(
    file: Path, examples: Sequence[Any] | None, reference: str | Path | None, limits: Limits | None, **more: Any
) -> Verdict:
    from pocketbert.edge_export.reference import read_reference
    from pocketbert.edge_export.verify import verify as run

    return run(file, examples, None if reference is None else read_reference(Path(reference)), limits, **more)


def _names(columns: Columns | None) -> dict[str, str | None]:
    found = columns or Columns()
    return {"text": found.text, "text_pair": found.text_pair, "label": found.label}


def _knows_its_task(model: str | Path) -> bool:
    """Whether the folder was written by `distill` or `teach`, which record single or pair."""
    config = Path(model) / "config.json"
    return config.is_file() and '"pocketbert"' in config.read_text(encoding="utf-8")
