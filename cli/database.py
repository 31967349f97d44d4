"""`rakkan database`: the records, their tables, and whether nobody changed them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.forgetting import forget_features
from cli.terminal import AsJson
from core.text import printable
from serving.settings import Settings
from storage import Store, open_store
from storage.opening import upgrade as bring_up_to_date
from storage.tables import REVISION

app = typer.Typer(no_args_is_help=True, add_completion=False)

Address = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/DATABASE; by default as RAKKAN_DATABASE"
        " says, or a file in RAKKAN_HOME.",
    ),
]


@app.callback()
def database() -> None:
    """The records of decisions: events, and what follows from them."""


@app.command()
def upgrade(database: Address = None) -> None:
    """Make the tables of the records, or bring those of an older version up to date."""
    before = bring_up_to_date(_address(database))
    if before is None:
        typer.echo("There were no records: the tables are made.")
    elif before == REVISION:
        typer.echo("They are up to date.")
    else:
        typer.echo("They were older, and are up to date now.")


@app.command()
def verify(
    database: Address = None,
    heads: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="HASH", help="A head that was noted earlier."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether all events are as they were recorded, and show the head to be noted elsewhere.

    Exit code 1 where they are not.
    """
    with records(database) as store:
        found = store.verify([head.lower() for head in heads or ()])
    if as_json:
        typer.echo(json.dumps({**asdict(found), "whole": found.whole}, indent=2))
    elif found.whole:
        typer.echo(f"All {found.events:,} events are as they were recorded.")
        typer.echo(f"Texts and documents that were erased: {found.erased:,}")
        typer.echo(f"Head: {found.head}")
    else:
        typer.echo(f"The records are not whole: {found.wrong}.", err=True)
    if not found.whole:
        raise typer.Exit(1)


@app.command()
def erase(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="As the platform names it.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who erases, for the records.")],
    database: Address = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, on a terminal.")] = False,
) -> None:
    """Erase what is known of an account: its name, its works' names, its texts and documents.

    Features of its uploads go, too; a running service deletes those that it has within a minute.

    That something was decided, when and by which policy, stays under a number.
    """
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Erase what is known of {printable(account)}, for good?", abort=True)
    with records(database) as store:
        gone = store.erase(account, at=datetime.now(UTC), actor=by)
        with store.reading() as reader:
            images = reader.forgotten()
    forget_features(Settings.of(), images)
    typer.echo(f"{printable(account)} is erased, with texts and documents: {gone:,}.")


def _address(given: str | None) -> str:
    return given or Settings.of().records


@contextmanager
def records(database: str | None, *, create: bool = False) -> Iterator[Store]:
    """The records, opened.

    Args:
        database: Their address; None for that of the settings.
        create: Whether to make the tables if there are none.
    """
    store = open_store(_address(database), create=create)
    try:
        yield store
    finally:
        store.close()
