"""The plots, as inline SVG that takes its colours from the page.

They are drawn as wide as a phone's screen (360 units) so that their text is as large there as the page's small print.
matplotlib is loaded only when a report is written.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pocketbert.report.markup import Html, element
from pocketbert.tasks.errors import not_installed

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

WIDTH = 5.0  # inches of 72 units
TEXT = 12.0
# Colours stand for the style sheet's variables: matplotlib knows no variables, so each is drawn in a colour that means it.
VARIABLES = {"paper": "#0000a0", "ink": "#0000a1", "soft": "#0000a2", "rule": "#0000a3"}
VARIABLES |= {"one": "#0000a4", "two": "#0000a5", "three": "#0000a6", "four": "#0000a7"}
SERIES = tuple(VARIABLES[name] for name in ("one", "two", "three", "four"))
MARKERS = ("o", "s", "D", "^")
SIGNS = ("●", "■", "◆", "▲")  # the same as characters
DIGIT, AXIS = 7.6, 310.0  # units: a digit of the plots' text, and the width that the scale at its left leaves of an axis
VALUE_COLUMN = 50.0  # units: room for "■ test" in bold and a gap
HATCHES = ("", "////", "----", "||||")  # beside the colour, for those who see colours differently; dots would be 200 kB of paths
INK, SOFT, RULE, PAPER = (VARIABLES[name] for name in ("ink", "soft", "rule", "paper"))

SETTINGS: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read out, searched and is small
    "svg.hashsalt": "pocketbert",  # the same figures give the same bytes
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "legend.fontsize": TEXT,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": SOFT,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": RULE,
    "hatch.color": PAPER,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}


@dataclass(frozen=True)
class Bar:
    """One bar: its name and, part for part, how long it is; `shown` stands at its end."""

    name: str
    parts: tuple[float, ...]
    shown: str


@dataclass(frozen=True)
class Dots:
    """One row of the comparison: its name and a value a series (None: not measured), with the words for it."""

    name: str
    values: tuple[float | None, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """One distribution, in the y axis's unit: whiskers at `low` and `high`, box from `first` to `third` quartile."""

    low: float
    first: float
    median: float
    third: float
    high: float


def figure(name: str, title: str, note: str, words: str, draw: Callable[[Any], Any], height: float) -> Html:
    """A drawing with its caption and its description.

    Args:
        name: unique on the page.
        title, note: the caption and its small print.
        words: what the drawing shows, in a sentence with figures, for those who do not see it.
        draw: given a matplotlib figure, draws on it.
        height: inches.

    Raises:
        UserError: matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise not_installed("a plot of the report", error.name, "report") from None

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a user's own matplotlibrc must not change the page
        matplotlib.rcParams.update(SETTINGS)
        canvas = FigureCanvasSVG(Figure(figsize=(WIDTH, height), layout="constrained"))
        draw(canvas.figure)
        out = io.StringIO()
        canvas.print_svg(out, metadata={"Date": None})
    caption = element("figcaption", title, *([" ", element("span", note, class_="note")] if note else []))
    return element("figure", caption, _inline(out.getvalue(), name, words))


def dots(rows: list[Dots], series: list[str], unit: str) -> tuple[Callable[[Any], None], float]:
    """Rows of points with their values written at the right, best read from top to bottom; with the height it needs."""

    def draw(fig) -> None:
        ax = fig.add_subplot()
        places = range(len(rows) - 1, -1, -1)
        for place, row in zip(places, rows, strict=True):
            known = [value for value in row.values if value is not None]
            if len(known) > 1:
                ax.plot([min(known), max(known)], [place, place], color=RULE, linewidth=3, solid_capstyle="round", zorder=1)
        for i, name in enumerate(series):
            drawn = [(row.values[i], place) for place, row in zip(places, rows, strict=True) if row.values[i] is not None]
            xs, ys = zip(*drawn, strict=True) if drawn else ((), ())
            ax.scatter(xs, ys, s=46, color=SERIES[i], marker=MARKERS[i], label=name, zorder=2, linewidths=0)
            beside = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "ha": "right", "va": "center"}
            column = (VALUE_COLUMN * (i + 1), 0)
            ax.annotate(f"{SIGNS[i]} {name}", (1, len(rows) - 0.2), column, color=SERIES[i], weight="bold", **beside)
            for place, row in zip(places, rows, strict=True):
                ax.annotate(row.shown[i], (1, place), column, **beside)
        ax.set_yticks(list(places), [row.name for row in rows])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(-0.6, len(rows) + 0.1)
        ax.margins(x=0.12)
        ax.locator_params(axis="x", nbins=4)
        ax.set_xlabel(unit)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)

    return draw, 0.9 + 0.3 * len(rows)


def bars(rows: list[Bar], series: list[str], unit: str) -> tuple[Callable[[Any], None], float]:
    """Horizontal bars, stacked by part, from zero; with the height they need."""

    def draw(fig) -> None:
        ax = fig.add_subplot()
        places = list(range(len(rows) - 1, -1, -1))
        left = [0.0] * len(rows)
        for i, name in enumerate(series):
            widths = [row.parts[i] if i < len(row.parts) else 0.0 for row in rows]
            ax.barh(places, widths, left=left, height=0.62, color=SERIES[i], hatch=HATCHES[i], label=name, linewidth=0)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        longest = max(left, default=0.0) or 1.0
        for place, row, end in zip(places, rows, left, strict=True):
            ax.text(end + 0.015 * longest, place, row.shown, va="center")
        ax.set_yticks(places, [row.name for row in rows])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(-0.55, len(rows) - 0.45)
        ax.set_xlim(0, 1.24 * longest)  # room for the words at the end of the longest
        ax.locator_params(axis="x", nbins=4)
        ax.set_xlabel(unit)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        if len(series) > 1:
            fig.legend(loc="outside upper left", ncols=len(series), handlelength=1.1, columnspacing=1.0, borderpad=0.1)

    return draw, (1.05 if len(series) > 1 else 0.75) + 0.3 * len(rows)


def boxes(
    groups: list[str], series: dict[str, list[Box | None]], x_unit: str, y_unit: str
) -> tuple[Callable[[Any], None], float]:
    """A box a series in every group, side by side, from zero; with the height it needs."""

    def draw(fig) -> None:
        ax = fig.add_subplot()
        step = 0.8 / len(series)
        for i, (name, found) in enumerate(series.items()):
            drawn = [(place + step * (i - (len(series) - 1) / 2), box) for place, box in enumerate(found) if box is not None]
            stats = [{"whislo": b.low, "q1": b.first, "med": b.median, "q3": b.third, "whishi": b.high} for _, b in drawn]
            line = {"color": SERIES[i], "linewidth": 1.2}
            places = [place for place, _ in drawn]
            kept = {"boxprops": {"facecolor": SERIES[i], "edgecolor": SERIES[i], "linewidth": 1.2}, "capprops": line}
            kept |= {"whiskerprops": line, "medianprops": {"color": PAPER, "linewidth": 1.1}}
            ax.bxp(stats, positions=places, widths=0.72 * step, showfliers=False, patch_artist=True, **kept)
            medians = [box.median for _, box in drawn]
            ax.plot(
                places,
                medians,
                color=SERIES[i],
                linewidth=0.8,
                alpha=0.6,
                marker=MARKERS[i],
                markersize=3.5,
                label=name,
                zorder=1,
            )
        every = math.ceil(len(groups) * (max(map(len, groups)) + 1) * DIGIT / AXIS)  # where all would run into each other
        ax.set_xticks(range(len(groups)), [group if place % every == 0 else "" for place, group in enumerate(groups)])
        ax.set_xlim(-0.6, len(groups) - 0.4)
        ax.set_ylim(bottom=0)
        ax.locator_params(axis="y", nbins=5)
        ax.set_xlabel(x_unit)
        ax.set_ylabel(y_unit)
        ax.grid(axis="y")
        fig.legend(loc="outside upper left", ncols=min(3, len(series)), handlelength=1.4, columnspacing=1.0, borderpad=0.1)

    return draw, 3.2


def _inline(svg: str, name: str, words: str) -> Html:
    """What matplotlib wrote, without what only a file of its own needs, with this page's colours and names."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*|<style.*?</style>\s*", "", svg, flags=re.DOTALL)  # a <style> rules the whole page
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"| version="[^"]*"', "", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r"font-family: [^;\"]*;?|font: ([\d.]+px) [^;\"]*", _font, svg)
    used = set(re.findall(r"(?:url\(#|href=\"#)([\w-]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r' (fill|stroke)="(#\w+)"', r' style="\1: \2"', svg)  # an attribute takes no variable
    for variable, colour in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    svg = re.sub(r"(<svg[^>]*?) height=\"[^\"]*\"", r"\1", svg, count=1)
    svg = re.sub(r"(<svg[^>]*?) width=\"[^\"]*\"", r"\1", svg, count=1)
    title = element("title", words, id=f"{name}-words")
    return Html(
        re.sub(r"<svg([^>]*)>", lambda found: f'<svg role="img" aria-labelledby="{name}-words"{found[1]}>{title}', svg, count=1)
    )


def _font(found: re.Match[str]) -> str:
    """The page's own font instead of the one that the drawing was laid out with."""
    return f"font: {found[1]} system-ui, sans-serif" if found[1] else "font-family: system-ui, sans-serif;"
