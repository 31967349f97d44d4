"""Options that name an index of creators' works, and whose upload is searched for."""

from typing import Annotated

import typer

HELP = "The index: a folder, or the address of a PostgreSQL database (postgresql://...)."


def some_place(place: str | None) -> str | None:
    """Refuse a place without a name.

    Raises:
        BadParameter: It is empty.
    """
    # An empty variable of a shell script would make an index where one happens to stand.
    if place is not None and not place.strip():
        raise typer.BadParameter("name a folder")
    return place


IndexPlace = Annotated[str, typer.Option("--index", metavar="DIR", callback=some_place, help=HELP)]
OptionalIndexPlace = Annotated[
    str | None,
    typer.Option("--index", metavar="DIR", callback=some_place, help=f"Search it, too. {HELP}"),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account", help="Who uploads: works of the creator whose account it is do not count."
    ),
]
