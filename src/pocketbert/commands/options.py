"""Options that several commands share, so that they are spelt the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Threads = Annotated[int, typer.Option(min=1, max=256, help="Threads of the runtime.")]
Engine = Annotated[str, typer.Option(help="For .pte: python (needs torch), native (needs a C++ compiler) or auto.")]
Runs = Annotated[Path, typer.Option(help="Folder that holds a sub-folder a run.")]
TextColumn = Annotated[str | None, typer.Option("--text", help="Column of the text; found by usual names otherwise.")]
PairColumn = Annotated[str | None, typer.Option("--text-pair", help="Column of the second text of a pair.")]
LabelColumn = Annotated[str | None, typer.Option("--label", help="Column of the label or value.")]
Budget = Annotated[float | None, typer.Option(min=0.01, help="Minutes that everything may take; found by itself otherwise.")]
TrainSeed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Of the whole run.")]
MaxLength = Annotated[int | None, typer.Option(min=5, max=512, help="Longest text in tokens; found by itself otherwise.")]


def columns_of(text: str | None, text_pair: str | None, label: str | None):
    """The three options as tasks.Columns."""
    from pocketbert.tasks import Columns

    return Columns(text, text_pair, label)
