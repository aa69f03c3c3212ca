"""`pocketbert inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def inspect(
    file: Annotated[Path, typer.Argument(help="A sealed .pte, .tflite or .onnx.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as it stands in the file.")] = False,
    extract: Annotated[Path | None, typer.Option(help="Write the seal's entries into this folder.")] = None,
) -> None:
    """Show what is in a sealed file, after checking its seal. Opens no runtime.

    Example: [bold]pocketbert inspect intents.pte[/]
    """
    from rich.markup import escape

    from pocketbert.console import answer
    from pocketbert.edge_export.artifact import open_artifact
    from pocketbert.tables import inspect_rows
    from pocketbert.tasks.files import write_file

    artifact = open_artifact(file)
    if extract is not None:
        for name, data in {"manifest.json": artifact.manifest.to_json(), **artifact.entries}.items():
            write_file(extract / name, data)
    if as_json:
        answer.print_json(artifact.manifest.to_json().decode())
        return
    for what, value in inspect_rows(artifact):
        answer.print(f"[bold]{escape(what):<26}[/] {escape(value)}")
