"""`rakkan creators reencode`: an index goes on with other heads, while it is searched."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.failures import FAILED
from cli.index import IndexPlace
from cli.reporting import progress
from core.text import printable
from serving.opening import open_reencoder
from serving.settings import Settings

TOLD = 20
"""Works that cannot be described, that are named."""


def reencode(
    index: IndexPlace,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Name of the similarity model; by default the one in use."),
    ] = None,
    works: Annotated[
        list[Path] | None,
        typer.Option(
            "--works",
            metavar="PATH",
            exists=True,
            help="Look here, by their content, for works that are not where they were enrolled"
            " from; may be repeated.",
        ),
    ] = None,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Describe the works alone; the index stays as it is."),
    ] = False,
    without_missing: Annotated[
        bool,
        typer.Option(
            "--without-missing", help="Give up works whose files have gone or cannot be read."
        ),
    ] = False,
) -> None:
    """Describe the works of an index by the heads of another model, and go on with these.

    The index is searched throughout. It needs the works' files; what an interruption leaves is gone
    on with.
    """
    with open_reencoder(Settings.of(), index, model) as reencoder:
        with progress("works") as tell:
            done = reencoder.describe(works or (), workers=os.cpu_count() or 1, progress=tell)
        name = reencoder.artefact.name
        typer.echo(f"Works described by {name}: {done.described:,} more.")
        for work, why in done.missing[:TOLD]:
            creator = printable(work.creator)
            typer.echo(f"Not described: {creator}: {printable(work.name)}: {why}", err=True)
        if len(done.missing) > TOLD:
            typer.echo(f"Not described: {len(done.missing) - TOLD:,} more", err=True)
        if prepare:
            return
        if done.missing and not without_missing:
            typer.echo(
                "The index stays as it is: say where they are by --works, or --without-missing.",
                err=True,
            )
            raise typer.Exit(FAILED)
        reencoder.take_over(without_missing=without_missing)
    typer.echo(f"The index is described by {name} now: who searches it by that model finds it.")
