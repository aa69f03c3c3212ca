"""A study as Markdown: every data set and variant, then their averages, then the grids, and what they were measured with."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from pocketbert.report.shown import NOTHING, listed
from pocketbert.report.study_figures import OWN_STAGES, Figure, Runs, near, points, runs_of, shown, within_noise
from pocketbert.report.study_grids import grid_table
from pocketbert.tasks.markdown import markdown_table

MODELS = ("commonest", "bag of words", "teacher", "baseline", "student")
HEADS = {"commonest": "commonest label"}
VERSIONS = ("pocketbert", "torch", "transformers", "onnxruntime", "ai-edge-litert", "executorch")


def study_table(record: dict[str, Any]) -> str:
    """Markdown without a heading.

    Raises:
        KeyError: the record is not complete.
    """
    lines = runs_of(record, "variant")
    parts = [_variants(lines), _remarks(record, lines)] if lines else []
    grids = grid_table(record)
    parts += [grids] if grids else []
    return "\n\n".join([*parts, _data(record), _failed(record), _origin(record)]).replace("\n\n\n\n", "\n\n")


def _variants(lines: Sequence[Runs]) -> str:
    measured = dict.fromkeys(name for line in lines for cell in line.cells for name in cell.get("models", ()))
    models = [*MODELS, *(name for name in measured if name.startswith("."))]
    head = ["data", "variant", *(HEADS.get(name, name) for name in models), "kept", "minutes (its own)", "worth shipping"]
    rows = []
    for data in dict.fromkeys(line.data for line in lines):
        group = [line for line in lines if line.data == data]
        columns = {name: _column([line.figure(name) for line in group]) for name in models}
        for at, line in enumerate(group):
            scores = [columns[name][at] for name in models]
            kept = line.kept
            rows.append([f"{data} ({line.split})", _name(line), *scores, f"{shown(kept)} %" if kept else NOTHING, *_ending(line)])
    return markdown_table(head, rows + _averages(lines, models), texts=2)


def _column(figures: list[Figure | None]) -> list[str]:
    """One column of one data set: the best is bold, what is within noise of it has a sign; where all are the same, none has."""
    known = [figure for figure in figures if figure is not None]
    if len(known) < 2 or len({figure.values for figure in known}) == 1:
        return [shown(figure) for figure in figures]
    best = max(known, key=lambda figure: figure.mean)

    def cell(figure: Figure | None) -> str:
        if figure is None:
            return NOTHING
        return f"**{shown(figure)}**" if figure.mean == best.mean else near(figure, within_noise(figure, best))

    return [cell(figure) for figure in figures]


def _name(line: Runs) -> str:
    ended, cells = len(line.finished), len(line.cells)
    if ended == cells:
        return line.name
    return f"{line.name} ({ended} of {cells} seeds, the rest FAILED)" if ended else f"{line.name} (FAILED)"


def _ending(line: Runs) -> tuple[str, str]:
    """Minutes and whether it is worth shipping."""
    minutes = _minutes([line])
    good = [bool(cell["worth"]) for cell in line.finished]
    worth = "yes" if all(good) else "no" if not any(good) else f"{sum(good)} of {len(good)} seeds"
    return minutes, worth if good else "FAILED"


def _averages(lines: Sequence[Runs], models: Sequence[str]) -> list[list[str]]:
    """One line per variant over the data sets that every variant has ended on; none where that is one set or no set."""
    names, sets = list(dict.fromkeys(line.name for line in lines)), dict.fromkeys(line.data for line in lines)
    by = {(line.data, line.name): line for line in lines}
    whole = [data for data in sets if all((data, name) in by and by[data, name].finished for name in names)]
    if len(whole) < 2:
        return []
    rows = []
    for name in names:
        group = [by[data, name] for data in whole]
        scores = [_mean([line.figure(model) for line in group]) for model in models]
        kept = _mean([line.kept for line in group])
        minutes = _minutes(group)
        good = sum(bool(cell["worth"]) for line in group for cell in line.finished)
        cells = sum(len(line.finished) for line in group)
        rows.append([f"*average of {len(whole)} sets*", name, *scores, kept if kept == NOTHING else f"{kept} %", minutes])
        rows[-1].append(f"{good} of {cells}")
    return rows


def _mean(figures: list[Figure | None]) -> str:
    means = [figure.mean for figure in figures if figure is not None]
    return points(fmean(means)) if len(means) == len(figures) else NOTHING


def _minutes(lines: Sequence[Runs]) -> str:
    """On average, of whole builds and of their own stages; nothing where no cell has ended."""
    whole, own = ([taken for line in lines if (taken := line.minutes(stages)) is not None] for stages in (None, OWN_STAGES))
    return f"{fmean(whole):.1f} ({fmean(own):.1f})" if whole else NOTHING


def _remarks(record: dict[str, Any], lines: Sequence[Runs]) -> str:
    """How to read the table, and where the average would hide something."""
    seeds = record["study"].get("seeds", [0])
    several = f"Mean ± standard deviation over {len(seeds)} seeds." if len(seeds) > 1 else "One seed, so there is no deviation."
    basis = "the seeds" if len(seeds) > 1 else "the number of rows"
    sentences = [
        f"In points, 100 times the metric. {several}",
        f"Of the variants of a data set the best is bold, unless all are equal; ≈ is within one standard error of the difference "
        f"from it, computed from {basis}.",
        "*Kept* is the student's share of its teacher's metric. *Minutes* are those of a whole build of the variant, without "
        "bench and report; in parentheses without what variants share, the teacher, the bag of words and the baseline.",
        _below_baseline(lines),
    ]
    resumed = [f"{cell['data']}, {cell['name']}, seed {cell['seed']}" for cell in record["cells"] if cell.get("resumed")]
    if resumed:
        missing = "so that minutes lack what was done after the last checkpoint"
        sentences.append(f"Interrupted and resumed, {missing}: {'; '.join(resumed)}.")
    return " ".join(filter(None, sentences))


def _below_baseline(lines: Sequence[Runs]) -> str:
    found, judged = [], 0
    for line in lines:
        student, baseline = line.figure("student"), line.figure("baseline")
        if student is None or baseline is None:
            continue
        judged += 1
        if student.mean < baseline.mean:
            noise = ", within noise" if within_noise(student, baseline) else ""
            found.append(f"{line.name} on {line.data} ({points(baseline.mean - student.mean)} points{noise})")
    if not judged:
        return ""
    return f"Below its baseline is {listed(found)}." if found else "No student is below its baseline."


def _data(record: dict[str, Any]) -> str:
    """One line per data set: metric, rows, and what was cut."""
    lines = []
    for name in record["study"]["data"]:
        cell = next((cell for cell in record["cells"] if cell["data"] == name and "rows" in cell), None)
        if cell is None:
            continue
        rows = dict(cell["rows"])
        whole, train = rows.pop("train_of"), rows.pop("train")
        cut = f"{train:,} rows of train"
        if train < whole:
            cut = f"{train:,} of {whole:,} rows of train (drawn with seed {record['rows_seed']})"
        others = [f"{count:,} of {split}" for split, count in rows.items()]
        lines.append(f"* {name}: {cell['metric']}; {listed([cut, *others])}.")
    return "\n".join(lines)


def _failed(record: dict[str, Any]) -> str:
    """What an error ended, and what has not run yet."""
    lines = [
        f"* FAILED: {cell['data']}, {cell['name']}, seed {cell['seed']}: {' '.join(cell['error'].split())}"
        for cell in record["cells"]
        if "error" in cell
    ]
    missing = record["planned"] - len(record["cells"])
    lines += [f"* Not run yet: {missing} of {record['planned']} cells."] if missing else []
    return "\n".join(lines).replace("|", "\\|").replace("<", "&lt;")


def _cores(count: int) -> str:
    return f"{count} core" if count == 1 else f"{count} cores"


def _origin(record: dict[str, Any]) -> str:
    machine = record["machine"]
    where = [machine.get("cpu") or "an unnamed CPU"] + ([_cores(machine["cores"])] if machine.get("cores") else [])
    where += [machine["gpu"]] if machine.get("gpu") else []
    tools = [f"{name} {version}" for name, version in record["versions"].items() if name in VERSIONS]
    sentences = [f"Measured by `{record['command']}` on {', '.join(where)}, {record['created'][:10]}."]
    sentences += [f"Versions: {listed(tools)}."] if tools else []
    return " ".join(sentences)
