"""The command and its exit codes.

0: success; 1: failure, with one line on standard error (with `--json`, a document on standard
output); 2: wrong usage; 130: interrupted. A bad image is never a failure of a scan.
"""

import json
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, ClassVar

import typer

from cli.failures import failure
from cli.lazy import LazyGroup
from cli.terminal import Manner, Quiet, Verbose, prepare_log


class Commands(LazyGroup):
    """All commands, in the order in which they are listed."""

    modules: ClassVar = {
        "scan": "cli.scan",
        "score": "cli.score",
        "similar": "cli.similar",
        "label": "cli.label",
        "creators": "cli.creators",
        "database": "cli.database",
        "policy": "cli.policy",
        "serve": "cli.serve",
        "keys": "cli.keys",
        "people": "cli.people",
        "outbox": "cli.outbox",
        "reports": "cli.reports",
        "labels": "cli.labels",
        "drift": "cli.drift",
        "archive": "cli.archive",
        "models": "cli.models",
        "train": "cli.train",
        "evaluate": "cli.train",
    }


app = typer.Typer(
    name="rakkan",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rakkan {version('rakkan')}")
        raise typer.Exit


@app.callback()
def rakkan(
    _: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Tells whether an artwork was made by an AI, and whose work or style it is like."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code.

    Args:
        arguments: Instead of those of the process.
    """
    prepare_log()
    manner = Manner()
    try:
        app(arguments, prog_name="rakkan", obj=manner)
    except Exception as error:
        failed = failure(error)
        if failed is None:
            raise
        if manner.verbose:
            traceback.print_exception(error)
        if manner.json:
            typer.echo(json.dumps(failed.document()))
        else:
            typer.echo(f"rakkan: {failed.message}", err=True)
        sys.exit(failed.exit_code)
