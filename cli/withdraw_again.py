"""`rakkan creators withdraw-again`: after an index was restored from a back-up."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from cli.forgetting import forget_features
from cli.index import IndexPlace
from cli.paths import existing_file
from core.text import printable
from serving.settings import Settings
from similarity.gallery import restored
from similarity.gallery.open import open_records


def withdraw_again(
    listed: Annotated[
        Path,
        typer.Argument(
            metavar="LIST",
            callback=existing_file,
            help="What `rakkan creators list --withdrawn --json` wrote before the index was"
            " restored.",
        ),
    ],
    index: IndexPlace,
) -> None:
    """Withdraw, from an index that was restored, who had withdrawn since it was saved.

    Who enrolled anew after the withdrawal stays, and so does everybody else.
    """
    withdrawals = restored.read_withdrawals(listed.read_bytes())
    with closing(open_records(index)) as gallery:
        done = restored.withdraw_again(gallery, withdrawals)
    forget_features(Settings.of(), done.images)
    for creator, works in done.gone.items():
        typer.echo(f"{printable(creator)} is withdrawn again, with all works ({works:,}).")
    for creator in done.anew:
        typer.echo(f"{printable(creator)} was enrolled anew after the withdrawal, and stays.")
    typer.echo(f"Withdrawn again: {len(done.gone):,} of {len(withdrawals):,} on the list.")
