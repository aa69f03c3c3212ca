"""The page's plots, each as inline SVG that takes its colours from the page.

They are drawn as wide as a phone's screen (360 units) so that their text is as large there as the page's small print.
Loaded only when a report is written, since it needs matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from pocketbert.bench.record import Record
from pocketbert.report.shown import listed, show_bytes, show_ms, show_score
from pocketbert.report.summary import Summary
from pocketbert.report.timings import is_file, over_base, spreads

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

WIDTH = 5.0  # inches of 72 units
# Colours stand for the style sheet's variables: matplotlib knows no variables, so each is drawn in a colour that means it.
VARIABLES = {name: f"#0000a{i}" for i, name in enumerate(("paper", "ink", "soft", "rule", "one", "two", "three", "four"))}
PAPER, INK, SOFT, RULE, *SERIES = VARIABLES.values()
# Beside the colour, for those who see colours differently.
MARKERS, SIGNS = ("o", "s", "D", "^"), ("●", "■", "◆", "▲")
HATCHES = ("", "////", "----", "||||")  # dots would be 200 kB of paths
VALUE_COLUMN = 50.0  # units: room for "■ test" in bold and a gap
LONGEST_NAME = 15  # characters; a longer name would leave a phone no room for the plot
LARGE_PARTS = ("compute", "tokenizer.json")

SETTINGS: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read out, searched and is small
    "font.size": 12.0,
    **{key: "medium" for key in ("axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")},
    **{key: INK for key in ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor")},
    **{key: SOFT for key in ("axes.edgecolor", "xtick.color", "ytick.color")},
    **{key: "none" for key in ("axes.facecolor", "figure.facecolor", "savefig.facecolor")},
    **{key: False for key in ("axes.spines.top", "axes.spines.right", "legend.frameon")},
    "axes.axisbelow": True,
    "grid.color": RULE,
    "hatch.color": PAPER,
}


@dataclass(frozen=True)
class Plot:
    """A drawing with its caption and the caption's small print."""

    title: str
    note: str
    svg: Markup


def accuracy(seen: Summary) -> list[Plot]:
    """A row per model with its score on each split, which also stands at the right; best read from top to bottom."""
    found = [(model, [model.score(seen.metric, split) for split in seen.splits]) for model in seen.models]
    rows = [(model, scores) for model, scores in found if any(score is not None for score in scores)]
    percent = show_score(seen.metric, 1.0).endswith("%")

    def draw(ax: Axes) -> None:
        places = _rows(ax, [model.brief for model, _ in rows], f"{seen.metric}, %" if percent else seen.metric)
        ax.set_ylim(-0.6, len(rows) + 0.1)
        ax.margins(x=0.12)
        beside = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "ha": "right", "va": "center"}
        for place, (_, scores) in zip(places, rows, strict=True):
            known = [(100 if percent else 1) * score for score in scores if score is not None]
            ax.plot([min(known), max(known)], [place] * 2, color=RULE, linewidth=3, solid_capstyle="round", zorder=1)
        for i, split in enumerate(seen.splits):
            column = (VALUE_COLUMN * (i + 1), 0)
            ax.annotate(f"{SIGNS[i]} {split}", (1, len(rows) - 0.2), column, color=SERIES[i], weight="bold", **beside)
            for place, (_, scores) in zip(places, rows, strict=True):
                ax.annotate(show_score(seen.metric, scores[i]).removesuffix(" %"), (1, place), column, **beside)
                if (score := scores[i]) is not None:
                    at = (100 if percent else 1) * score
                    ax.scatter(at, place, s=46, color=SERIES[i], marker=MARKERS[i], zorder=2, linewidths=0)

    told = []
    for model, scores in rows:
        by_split = zip(seen.splits, scores, strict=True)
        told.append(f"{model.name} {listed([f'{show_score(seen.metric, score)} on {split}' for split, score in by_split])}")
    title, note = f"{seen.metric.capitalize()} of every model", "further right is better; the axis does not begin at zero"
    return [_plot("accuracy", title, note, told, draw, 0.9 + 0.3 * len(rows))]


def sizes(seen: Summary) -> list[Plot]:
    """All models against each other, then the files by part."""
    known = [model for model in seen.models if model.bytes]
    bars = {model.brief: [model.bytes or 0] for model in known}
    told = [f"{model.name} {show_bytes(model.bytes)}" for model in known]
    drawn = [_bars("size", "Size of every model", "shorter is better", told, bars, ["size"])]
    files, series = [file for file in seen.files if file.parts], ["weights and graph", "tokenizer", "rest"]
    if files:
        parts = {file.file: [file.parts.get(name, 0) for name in LARGE_PARTS] for file in files}
        parts = {file.file: [*parts[file.file], file.bytes - sum(parts[file.file])] for file in files}
        told = [
            f"{name}: {', '.join(f'{part} {show_bytes(n)}' for part, n in zip(series, counts, strict=True))}"
            for name, counts in parts.items()
        ]
        bars = {f".{file.container}": parts[file.file] for file in files}
        drawn.append(_bars("parts", "What is in each file", "", told, bars, series))
    return drawn


def memory(seen: Summary) -> list[Plot]:
    known = [(record, size) for record in seen.bench if is_file(record) and (size := over_base(record)) is not None]
    if not known:
        return []
    note = "over a process with runtime and tokenizer loaded; shorter is better"
    told = [f"{record.name} {show_bytes(size)}" for record, size in known]
    bars = {seen.brief(record): [size] for record, size in known}
    return [_bars("memory", "Memory while running", note, told, bars, ["memory"])]


def latency(seen: Summary) -> list[Plot]:
    """A plot per container, teacher beside student; what is no file only where there is none, since it is slow."""
    timed = [record for record in seen.bench if spreads(record)]
    timed = [record for record in timed if is_file(record)] or timed[: len(SERIES)]
    groups: dict[str, list[Record]] = {}
    for record in timed:
        groups.setdefault(f", .{record.container}" if is_file(record) else "", []).append(record)
    return [_latency(f"latency{i}", which, seen, records) for i, (which, records) in enumerate(groups.items())]


def _latency(name: str, which: str, seen: Summary, records: Sequence[Record]) -> Plot:
    by_length = [spreads(record) for record in records]

    def draw(ax: Axes) -> None:
        for i, (record, found) in enumerate(zip(records, by_length, strict=True)):
            tokens = [at.tokens + 3.5 + 0.8 * (i - (len(records) - 1) / 2) for at in found]  # beside each other
            least, first, median, third, high = zip(*(at.ms for at in found), strict=True)
            ax.vlines(tokens, least, high, color=SERIES[i], linewidth=1.2)
            ax.vlines(tokens, first, third, color=SERIES[i], linewidth=6)
            line = {"color": SERIES[i], "linewidth": 1, "marker": MARKERS[i], "markersize": 5}
            ax.plot(tokens, median, label=_short(seen.brief(record)), **line)
        ax.set_ylim(bottom=0)
        ax.locator_params(nbins=5)
        ax.set(xlabel="tokens", ylabel="ms")
        ax.grid(axis="y")
        _legend(ax, len(records))

    told = [
        f"{record.name} {listed([f'{show_ms(at.ms[2])} at {at.lengths}' for at in found])} tokens"
        for record, found in zip(records, by_length, strict=True)
    ]
    note = "marker: median; bar: half of the runs; line: fastest to p95"
    return _plot(name, f"Forward pass by length of the text{which}", note, told, draw, 3.2)


def _bars(name: str, title: str, note: str, told: list[str], bars: Mapping[str, list[int]], series: list[str]) -> Plot:
    """Horizontal bars in MB, stacked by part, their sums at their ends.

    Args:
        bars: name -> bytes of each part of `series`.
    """

    def draw(ax: Axes) -> None:
        places = _rows(ax, list(bars), "MB")
        ends = [0.0] * len(bars)
        for i, part in enumerate(series):
            widths = [parts[i] / 1e6 for parts in bars.values()]
            ax.barh(places, widths, left=ends, height=0.62, color=SERIES[i], hatch=HATCHES[i], label=part, linewidth=0)
            ends = [end + width for end, width in zip(ends, widths, strict=True)]
        for place, end, parts in zip(places, ends, bars.values(), strict=True):
            ax.text(end + 0.015 * max(ends), place, show_bytes(sum(parts)), va="center")
        ax.set_ylim(-0.55, len(bars) - 0.45)
        ax.set_xlim(0, 1.24 * max(ends))  # room for the words at the end of the longest
        if len(series) > 1:
            _legend(ax, len(series))

    return _plot(name, title, note, told, draw, (1.05 if len(series) > 1 else 0.75) + 0.3 * len(bars))


def _rows(ax: Axes, names: list[str], unit: str) -> list[int]:
    """An axis for one row per name, from the top; where they stand."""
    places = list(range(len(names) - 1, -1, -1))
    ax.set_yticks(places, [_short(name) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=4)
    ax.set_xlabel(unit)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    return places


def _legend(ax: Axes, columns: int) -> None:
    figure = ax.get_figure(root=True)
    assert figure is not None  # every axis here has one
    figure.legend(loc="outside upper left", ncols=min(3, columns), handlelength=1.4, columnspacing=1.0, borderpad=0.1)


def _short(name: str) -> str:
    """A name that leaves room beside it, its end cut off visibly."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _plot(name: str, title: str, note: str, told: list[str], draw: Callable[[Axes], None], height: float) -> Plot:
    """Draws.

    Args:
        name: unique on the page.
        told: what the drawing shows, with figures, for those who do not see it.
        draw: given an axis, draws on it.
        height: inches.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a user's own matplotlibrc must not change the page
        # ids are made from the salt, so that no two plots share one, and the same figures give the same bytes
        matplotlib.rcParams.update({**SETTINGS, "svg.hashsalt": name})
        canvas = FigureCanvasSVG(Figure(figsize=(WIDTH, height), layout="constrained"))
        draw(canvas.figure.add_subplot())
        out = io.StringIO()
        canvas.print_svg(out, metadata={"Date": None})
    return Plot(title, note, _inline(out.getvalue(), f"{name}-words", f"{title}: {'; '.join(told)}."))


def _inline(svg: str, words_id: str, words: str) -> Markup:
    """What matplotlib wrote, without what only a file of its own needs, described in words and in the page's colours."""
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):  # a <style> would rule the whole page
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        given = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
        if element.tag in ("g", "svg"):
            given.pop("id", None)  # names of matplotlib's own, the same in every plot; nothing refers to them
        colours = [f"{key}: {given.pop(key)}" for key in ("fill", "stroke") if key in given]  # an attribute takes no variable
        style = "; ".join([*colours, *filter(None, [given.pop("style", "")])])
        element.attrib = given | ({"style": style} if style else {})
    viewbox = {"viewBox": root.attrib["viewBox"]}  # and no size: the page gives it
    root.attrib = {"role": "img", "aria-labelledby": words_id} | viewbox
    title = ElementTree.Element("title", {"id": words_id})
    title.text = words
    root.insert(0, title)
    found = ElementTree.tostring(root, encoding="unicode")
    for variable, colour in VARIABLES.items():
        found = found.replace(colour, f"var(--{variable})")
    return Markup(found)
