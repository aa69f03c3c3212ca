"""The command: one word per stage. Each command is a file in commands/; nothing heavy is imported before one runs."""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated

import typer

from pocketbert.commands import (
    bench,
    build,
    distill,
    doctor,
    export,
    general,
    inspect,
    new,
    predict,
    report,
    study,
    teach,
    verify,
)

INTERRUPTED = 130  # what typer exits with on Ctrl-C

app = typer.Typer(
    name="pocketbert",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_versions(wanted: bool) -> None:
    if not wanted:
        return
    from pocketbert.environment import versions

    for name, version in versions().items():
        print(name, version)
    raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_versions, help="Show the versions of what is installed.")
    ] = False,
) -> None:
    """A BERT-type teacher and labelled text go in; one sealed file that runs on a phone or a Raspberry Pi comes out."""
    from pocketbert.tasks.quiet import quiet

    context.with_resource(quiet())  # for the length of a command


app.command("build")(build.build)
app.command("demo")(build.demo)
app.command("new")(new.new)
app.command("doctor")(doctor.doctor)
app.command("teach")(teach.teach)
app.command("distill")(distill.distill)
app.command("general")(general.general)
app.command("export")(export.export)
app.command("verify")(verify.verify)
app.command("bench")(bench.bench)
app.command("predict")(predict.predict)
app.command("inspect")(inspect.inspect)
app.command("report")(report.report)
app.command("study")(study.study)


def main() -> None:
    """Runs the command; an error that the user is to read ends it with exit code 1 and no traceback."""
    # Read when torch is loaded. OpenMP threads that spin while they wait make a training step several times slower as soon as
    # another process wants the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its workers warn when a process forks; texts are few at a time
    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            print("stopped; run the same command again, and what can go on goes on.", file=sys.stderr)
        raise
    except Exception as error:
        # imported late: `--help` must not pay for it
        from pocketbert.tasks.errors import UserError

        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            error = UserError(f"the disk is full ({error.filename or 'a temporary folder'}); free some space and try again.")
        if not isinstance(error, UserError) or os.environ.get("POCKETBERT_TRACEBACK"):
            raise
        from rich.markup import escape

        from pocketbert.console import talk

        talk.print(f"[red]error:[/] {escape(str(error))}")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
