"""`pocketbert teach`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pocketbert.commands.options import LabelColumn, PairColumn, TextColumn, columns_of


def teach(
    model: Annotated[
        str, typer.Argument(help="An encoder or classifier to fine-tune: folder, Hugging Face id or package:NAME/PATH.")
    ],
    train: Annotated[Path, typer.Option(help="Labelled training data.")],
    dev: Annotated[Path, typer.Option(help="Labelled development data.")],
    out: Annotated[Path, typer.Option(help="Folder for the fine-tuned teacher.")] = Path("teacher"),
    task: Annotated[str, typer.Option(help="classification or regression.")] = "classification",
    epochs: Annotated[int, typer.Option(min=1)] = 3,
    learning_rate: Annotated[float, typer.Option(min=0)] = 5e-5,
    batch_size: Annotated[int, typer.Option(min=1)] = 32,
    max_length: Annotated[int, typer.Option(min=5, max=512, help="Longest text in tokens.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 0,
    text: TextColumn = None,
    text_pair: PairColumn = None,
    label: LabelColumn = None,
) -> None:
    """Fine-tune a teacher. Killed and run again, it goes on where it stopped.

    Example: [bold]pocketbert teach bert-base-uncased --train train.tsv --dev dev.tsv --out teacher/[/]
    """
    from pocketbert.console import answer, say
    from pocketbert.distill.disk import check_out
    from pocketbert.environment import check_training_python
    from pocketbert.locate import locate
    from pocketbert.tasks import UserError, examples_of, infer_task, read_table

    check_training_python()
    source = locate(model)
    out = check_out(out, (source, train, dev))
    try:
        from pocketbert.distill.options import TrainOptions
        from pocketbert.distill.teach import teach as run
    except ImportError as error:
        raise UserError(f"training needs {error.name}; `pip install 'pocketbert[distill]'`.") from None
    columns = columns_of(text, text_pair, label)
    tables = read_table(train), read_table(dev)
    found = infer_task(tables[0], columns, task)
    examples = [examples_of(table, found, columns) for table in tables]
    options = TrainOptions(epochs=epochs, learning_rate=learning_rate, batch_size=batch_size, seed=seed)
    work = out.with_name(f".{out.name}.work")
    report = run(source, found, *examples, out, options, work, max_length)
    for warning in report["warnings"]:
        say(f"[yellow]! {warning}[/]")
    answer.print(f"{out}: {found.metric} {report['dev'][found.metric]:.4f} on {dev.name}")
