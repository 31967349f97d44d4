"""The command and its exit codes.

0: success; 1: failure, with one line on standard error; 2: wrong usage; 130: interrupted. A bad
image is never a failure of a scan.
"""

import sqlite3
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from cli import creators as creators_commands
from cli import models as models_commands
from cli.label import label
from cli.scan import scan
from cli.score import score
from cli.similar import similar
from cli.train import evaluate, train
from detector.errors import DetectorError
from imaging import ImagingError
from models.errors import ModelsError
from scan import ScanError
from serving.errors import SettingsError
from similarity.errors import SimilarityError
from training.errors import TrainingError

PLAIN = (
    *(DetectorError, ImagingError, ModelsError, ScanError, SimilarityError, TrainingError),
    SettingsError,
)
"""Errors whose text is a plain line for a person."""

app = typer.Typer(
    name="rakkan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(scan)
app.command()(score)
app.command()(similar)
app.command()(label)
app.command()(train)
app.command()(evaluate)
app.add_typer(creators_commands.app, name="creators")
app.add_typer(models_commands.app, name="models")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rakkan {version('rakkan')}")
        raise typer.Exit


@app.callback()
def rakkan(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Tells whether an artwork was made by an AI, and whose work or style it is like."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code.

    Args:
        arguments: Instead of those of the process.
    """
    try:
        app(arguments, prog_name="rakkan")
    except PLAIN as error:
        _fail(str(error))
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        _fail(f"{error.strerror or error}{place and ':' + place}")
    except sqlite3.Error as error:
        _fail(f"the journal of the scan cannot be written: {error}")


def _fail(message: str) -> None:
    typer.echo(f"rakkan: {' '.join(message.split())}", err=True)
    sys.exit(1)
