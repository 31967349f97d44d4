"""`rakkan keys`: by which programs use the service."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.database import Address, records
from cli.tables import show_table
from cli.terminal import AsJson
from core.text import printable
from storage.keys import Scope, create_key, list_keys, revoke_key

app = typer.Typer(no_args_is_help=True, add_completion=False)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.")]


@app.callback()
def keys() -> None:
    """Keys, by which programs use the service."""


def _scopes(text: str) -> str:
    for one in text.split(","):
        if one.strip() not in set(Scope):
            raise typer.BadParameter(f"{one.strip()!r} is none of {', '.join(Scope)}")
    return text


@app.command()
def create(
    name: Name,
    scope: Annotated[
        str,
        typer.Option(
            "--scope", callback=_scopes, help=f"What it is for, of {', '.join(Scope)}; with commas."
        ),
    ],
    database: Address = None,
) -> None:
    """Make a key, and print it. It is kept nowhere: whoever loses it makes another."""
    scopes = [Scope(one.strip()) for one in scope.split(",")]
    with records(database, create=True) as store:
        typer.echo(create_key(store, name, scopes, at=datetime.now(UTC)))


@app.command("list")
def list_(database: Address = None, as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    with records(database) as store:
        found = list_keys(store)
    if as_json:
        documents = [
            {
                "name": key.name,
                "scopes": sorted(key.scopes),
                "made_at": key.made_at.isoformat(),
                "revoked_at": None if key.revoked_at is None else key.revoked_at.isoformat(),
            }
            for key in found
        ]
        typer.echo(json.dumps({"keys": documents}, indent=2))
        return
    rows = [
        (
            printable(key.name),
            ", ".join(sorted(key.scopes)),
            f"{key.made_at:%Y-%m-%d}",
            "" if key.revoked_at is None else f"{key.revoked_at:%Y-%m-%d}",
        )
        for key in found
    ]
    show_table(("Name", "For", "Made", "Revoked"), rows)


@app.command()
def revoke(name: Name, database: Address = None) -> None:
    """End a key, at once."""
    with records(database) as store:
        revoke_key(store, name, at=datetime.now(UTC))
    typer.echo(f"The key of {printable(name)} is revoked.")
