"""`rakkan creators`: who is enrolled in an index, and with what."""

import json
from contextlib import closing
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.enrol import enrol, named
from cli.index import IndexPlace
from core.text import printable
from similarity.gallery.creators import Creator
from similarity.gallery.wording import standing

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command()(enrol)


@app.callback()
def creators() -> None:
    """Creators whose works are searched."""


CreatorName = Annotated[
    str, typer.Argument(metavar="CREATOR", callback=named, help="Name of the creator.")
]


@app.command()
def withdraw(creator: CreatorName, index: IndexPlace) -> None:
    """Take a creator out of an index, with all works and all that was made of them."""
    from similarity.gallery.open import open_records  # only here: it takes long to load

    with closing(open_records(index)) as gallery:
        gone = gallery.withdraw(creator)
    works = "1 work" if gone == 1 else f"{gone:,} works"
    typer.echo(
        f"{printable(creator)} is withdrawn, with {works}. Nothing of them is left in the index."
    )


@app.command()
def remove(
    creator: CreatorName,
    works: Annotated[
        list[str], typer.Argument(metavar="WORK...", help="Names of works, as they were enrolled.")
    ],
    index: IndexPlace,
) -> None:
    """Take single works of a creator out of an index."""
    from similarity.gallery.open import open_records

    with closing(open_records(index)) as gallery:
        left = gallery.remove(creator, works)
    typer.echo(f"Works of {printable(creator)} removed: {len(set(works)):,}; left: {left.works:,}.")


@app.command()
def upgrade(index: IndexPlace) -> None:
    """Bring an index that an older version of rakkan made up to date."""
    from similarity.gallery.open import upgrade as bring_up_to_date

    before = bring_up_to_date(index)
    typer.echo("It is up to date." if before is None else "It was older, and is up to date now.")


@app.command("list")
def list_creators(
    index: IndexPlace,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
) -> None:
    """List who is enrolled."""
    from similarity.gallery.open import open_records

    with closing(open_records(index, read_only=True)) as gallery:
        state = gallery.state()
        creators, name = state.creators(), state.name
    if as_json:
        document = {"creators": [_document(one) for one in creators], "index": name}
        typer.echo(json.dumps(document, indent=2))
    elif creators:
        Console().print(_table(creators))
    else:
        typer.echo("Nobody is enrolled.")


def _document(creator: Creator) -> dict[str, Any]:
    one = creator.standing
    return {
        "creator": creator.name,
        "works": creator.works,
        "protection": creator.protection,
        "since": creator.consent.at.isoformat(),
        "by": creator.consent.by,
        "note": creator.consent.note,
        "accounts": list(creator.accounts),
        "collaborators": list(creator.collaborators),
        "standing": None if one is None else {"own": one.own, "distinct": one.distinct},
    }


def _table(creators: tuple[Creator, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Creator", overflow="fold")
    table.add_column("Works", justify="right")
    for title in ("Protection", "Since", "By", "Standing", "Accounts"):
        table.add_column(title, overflow="fold")
    for creator in creators:
        # Text: a name is not taken for markup.
        table.add_row(
            *(
                Text(printable(cell))
                for cell in (
                    creator.name,
                    f"{creator.works:,}",
                    creator.protection,
                    f"{creator.consent.at:%Y-%m-%d}",
                    "themselves" if creator.consent.by == creator.name else creator.consent.by,
                    standing(creator),
                    ", ".join(creator.accounts),
                )
            )
        )
    return table
