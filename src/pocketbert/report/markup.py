"""HTML elements whose text is always escaped: what comes from data (labels, file names, details) is never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


class Html(str):
    """Text that is markup already."""


def text(value: object) -> Html:
    """Escaped, unless it is markup already."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def element(name: str, *inside: object, **attributes: str) -> Html:
    """`element("p", "a < b", class_="soft")`; a trailing underscore of an attribute's name falls, the others become hyphens."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{given}>{''.join(map(text, inside))}</{name}>")


def join(parts: Iterable[object], between: str = "\n") -> Html:
    return Html(between.join(map(text, parts)))


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        head: its heading.
        number: right-aligned and never broken.
        wide: a column of sentences, which needs room before it breaks.
    """

    head: str
    number: bool = False
    wide: bool = False

    @property
    def style(self) -> dict[str, str]:
        kind = " ".join(name for name, is_so in (("number", self.number), ("wide", self.wide)) if is_so)
        return {"class_": kind} if kind else {}


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Html:
    """A table under a heading, in a box of its own that scrolls where the screen is narrow; the first column heads its rows.

    The heading stands outside the box, so that it stays while the table scrolls; the box takes the keyboard's focus, since
    what scrolls must scroll without a mouse too.
    """
    head = join((element("th", column.head, scope="col", **column.style) for column in columns), "")
    lines = []
    for row in rows:
        cells = [element("td", cell, **column.style) for column, cell in zip(columns[1:], row[1:], strict=True)]
        lines.append(element("tr", element("th", element("span", row[0]), scope="row"), *cells))
    inside = element("table", element("thead", element("tr", head)), element("tbody", join(lines)))
    return join(
        [element("h3", caption), element("div", inside, class_="scroll", tabindex="0", role="region", aria_label=caption)]
    )


def bullets(items: Iterable[object]) -> Html:
    return element("ul", join(element("li", item) for item in items))


def paragraph(*inside: object) -> Html:
    return element("p", *inside)


def section(title: str, *parts: Html | None) -> Html:
    """A heading and what stands under it; None is left out."""
    return join([element("h2", title), *(part for part in parts if part is not None)])
