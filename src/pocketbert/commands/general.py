"""`pocketbert general`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pocketbert.commands.generated import with_options
from pocketbert.distill.options import GeneralOptions


@with_options(general=("", GeneralOptions))
def general(
    teacher: Annotated[str, typer.Argument(help="An encoder: folder, Hugging Face id or package:NAME/PATH.")],
    text: Annotated[
        list[str], typer.Option(help="Plain text: .txt, .txt.gz, .jsonl, .parquet, a folder of these, or datasets:ID/SPLIT.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the encoder.")] = Path("encoder"),
    student: Annotated[
        str, typer.Option(help="A preset, or layers,width,heads,feed-forward such as 4,312,12,1200.")
    ] = "tinybert-4l-312",
    column: Annotated[str, typer.Option(help="Column of the text, where a source has rows.")] = "text",
    general: dict[str, Any] | None = None,
) -> None:
    """Distil a small encoder on plain text, for recipes to begin with (student.layers_from). Resumes if interrupted.

    Blank lines end a document. Several processes share the work: torchrun --nproc-per-node 8 -m pocketbert general …

    Example: [bold]pocketbert general bert-base-uncased --text corpus/ --out encoder/[/]
    """
    from pocketbert import general as work
    from pocketbert.console import answer
    from pocketbert.distill.options import TrainOptions

    given = dict(general or {})
    training = TrainOptions(**given.pop("training", {}))
    found = work.general(teacher, text, out, shape_of(student), GeneralOptions(training=training, **given), column)
    loss = found["report"]["loss"].get("loss")
    answer.print(f"{out}: {found['report']['steps']:,} steps, loss {loss:.4g}")


def shape_of(text: str):
    """The option --student: a preset's name, or four numbers."""
    from pocketbert.distill.student import NewShape, preset
    from pocketbert.tasks import UserError

    if "," not in text:
        return preset(text)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(part.isdecimal() for part in parts):
        raise UserError(f"--student {text}: give layers,width,heads,feed-forward, such as 4,312,12,1200.")
    return NewShape(*map(int, parts))
