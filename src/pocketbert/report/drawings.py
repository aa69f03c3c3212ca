"""Which figures of the summary go into which plot, and the sentence that says the same to who does not see it."""

from __future__ import annotations

from typing import Any

from pocketbert.report.comparison import Model
from pocketbert.report.markup import Html
from pocketbert.report.measured import Measured
from pocketbert.report.plots import Bar, Dots, bars, boxes, dots, figure
from pocketbert.report.shown import listed, show_bytes, show_ms, show_score

LONGEST_NAME = 15  # characters; a longer name would leave a phone no room for the plot
MOST = 4  # as many as there are colours that can be told apart
LARGE_PARTS = ("compute", "tokenizer.json")


def accuracy(compared: list[Model], splits: list[str], metric: str) -> Html:
    scale = 100 if show_score(metric, 1.0).endswith("%") else 1
    rows = []
    for model in compared:
        scores = [model.score(split) for split in splits]
        values = tuple(None if score is None else scale * score for score in scores)
        rows.append(Dots(short(model.brief), values, tuple(show_score(metric, score).removesuffix(" %") for score in scores)))
    said = [f"{model.name} {listed([f'{show_score(metric, model.score(s))} on {s}' for s in splits])}" for model in compared]
    unit = f"{metric}, %" if scale == 100 else metric
    title, note = f"{metric.capitalize()} of every model", "further right is better; the axis does not begin at zero"
    return figure("accuracy", title, note, f"{title}: {'; '.join(said)}.", *dots(rows, splits, unit))


def sizes(compared: list[Model], files: list[dict[str, Any]]) -> list[Html]:
    """All models against each other, then the files by part."""
    known = [(model, model.bytes) for model in compared if model.bytes is not None]
    rows = [Bar(short(model.brief), (size / 1e6,), show_bytes(size)) for model, size in known]
    words = f"Sizes: {', '.join(f'{model.name} {show_bytes(size)}' for model, size in known)}."
    drawn = [figure("size", "Size of every model", "shorter is better", words, *bars(rows, ["size"], "MB"))]
    if files:
        rows, said, series = [], [], ["weights and graph", "tokenizer", "rest"]
        for entry in files:
            parts = entry["parts"]
            large = [parts.get(name, 0) for name in LARGE_PARTS]
            counts = [*large, entry["bytes"] - sum(large)]
            rows.append(Bar(f".{entry['container']}", tuple(count / 1e6 for count in counts), show_bytes(entry["bytes"])))
            said.append(
                f"{entry['file']}: {', '.join(f'{part} {show_bytes(n)}' for part, n in zip(series, counts, strict=True))}"
            )
        drawn.append(figure("parts", "What is in each file", "", f"{'; '.join(said)}.", *bars(rows, series, "MB")))
    return drawn


def latency(records: list[Measured]) -> list[Html]:
    """A plot a container, teacher beside student; one of all where the teacher was not timed."""
    if not any(record.teacher for record in records):
        return [_latency("latency", "Forward pass by length of the text", records[:MOST])]
    drawn = []
    for number, name in enumerate(dict.fromkeys(record.name for record in records)):
        same = [record for record in records if record.name == name]
        drawn.append(_latency(f"latency{number}", f"Forward pass by length of the text, .{name}", same))
    return drawn


def _latency(name: str, title: str, records: list[Measured]) -> Html:
    """Boxes by length of the text, a colour a model."""
    lengths = dict(sorted({at.tokens: at.lengths for record in records for at in record.spreads}.items()))
    series, said = {}, []
    for record in records:
        found = {at.tokens: at.box for at in record.spreads}
        series[short(record.brief)] = [found.get(tokens) for tokens in lengths]
        said.append(f"{record.title} {listed([f'{show_ms(at.box.median)} at {at.lengths}' for at in record.spreads])} tokens")
    note = "line: median; box: half of the runs; whiskers: fastest to p95"
    words = f"Median time by length: {'; '.join(said)}."
    draw, height = boxes(list(lengths.values()), series, "tokens", "ms")
    return figure(name, title, note, words, draw, height)


def memory(records: list[Measured]) -> Html:
    known = [(record, record.over_base) for record in records if record.over_base is not None]
    rows = [Bar(short(record.brief), (size / 1e6,), show_bytes(size)) for record, size in known]
    words = f"Memory over base: {', '.join(f'{record.title} {show_bytes(size)}' for record, size in known)}."
    note = "over a process with runtime and tokenizer loaded; shorter is better"
    return figure("memory", "Memory while running", note, words, *bars(rows, ["memory"], "MB"))


def short(name: str) -> str:
    """A name that leaves room beside it, its end cut off visibly."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
