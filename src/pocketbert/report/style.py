"""The page's style sheet. Plots draw with these variables too, so that one drawing is readable on light and dark."""

from __future__ import annotations

# Every text colour stands at 4.5:1 or more against its background, every line and bar at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11);
# tests/pocketbert/test_report.py computes it.
LIGHT = {
    "paper": "#ffffff",
    "panel": "#f4f6f8",
    "ink": "#1b1f24",
    "soft": "#545c66",
    "rule": "#d3d8de",
    "link": "#0a58a8",
    "good": "#146c3c",
    "bad": "#b3261e",
    "one": "#0b62b4",
    "two": "#b8500b",
    "three": "#1a7f55",
    "four": "#7d41a8",
}
DARK = {
    "paper": "#14171b",
    "panel": "#1d2126",
    "ink": "#e7eaee",
    "soft": "#aab2bc",
    "rule": "#3b424b",
    "link": "#7cbcff",
    "good": "#6fd39b",
    "bad": "#ff8a80",
    "one": "#6fb4f5",
    "two": "#f2a25c",
    "three": "#63cf9d",
    "four": "#cb9bea",
}

RULES = """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
  "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
main { max-width: 68rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .8rem 0 .4rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .5rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p, ul { margin: .5rem 0; max-width: 46rem; }
li { margin: .2rem 0; }
a { color: var(--link); }
.verdict { font-size: 1.1rem; padding: .9rem 1.1rem; background: var(--panel); border-left: 4px solid var(--good);
  border-radius: 4px; max-width: none; }
.verdict.failed { border-left-color: var(--bad); }
.alarm { padding: .4rem 1.1rem; border: 3px solid var(--bad); border-radius: 4px; background: var(--panel); }
.alarm p, .alarm ul { max-width: none; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem 1.6rem; }
figure { margin: .6rem 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; max-width: 32rem; }
figcaption { font-weight: 600; margin-bottom: .2rem; }
.note { font-weight: 400; color: var(--soft); font-size: .95rem; }
.scroll { overflow-x: auto; margin: .4rem 0 1rem; border: 1px solid var(--rule); border-radius: 4px; }
.scroll:focus-visible { outline: 2px solid var(--link); }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .7rem; border-top: 1px solid var(--rule); vertical-align: top; white-space: nowrap; }
thead th { background: var(--panel); border-top: 0; }
thead th:first-child { position: sticky; left: 0; }
th span { display: block; width: max-content; max-width: min(38vw, 22rem); white-space: normal; overflow-wrap: anywhere; }
tbody th { font-weight: 600; position: sticky; left: 0; background: var(--paper); }
td.number, th.number { text-align: right; }
td.wide { min-width: 14rem; white-space: normal; }
summary { cursor: pointer; color: var(--link); padding: .4rem 0; }
pre { background: var(--panel); border-radius: 4px; padding: .8rem 1rem; overflow-x: auto; font-size: .93rem; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media print { .scroll { overflow: visible; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
"""


def style_sheet() -> str:
    """Rules and both palettes; the reader's system chooses which."""
    light, dark = ("".join(f"--{name}:{value};" for name, value in palette.items()) for palette in (LIGHT, DARK))
    return f":root{{color-scheme:light dark;{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{RULES}"
