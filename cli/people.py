"""`rakkan people`: who may sign in to the console."""

import getpass
import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.database import Address, records
from cli.tables import show_table
from cli.terminal import AsJson
from core.text import printable
from storage.people import StaffRole

app = typer.Typer(no_args_is_help=True, add_completion=False)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As it stands in the records for good.")]
Role = Annotated[StaffRole, typer.Option("--role", help="What they may do.")]


@app.callback()
def people() -> None:
    """People who may sign in to the console."""


@app.command()
def add(
    name: Name,
    role: Role,
    account: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="ACCOUNT", help="Their own on the platform: not for their uploads."
        ),
    ] = None,
    without_password: Annotated[
        bool, typer.Option("--without-password", help="Another service tells who they are.")
    ] = False,
    database: Address = None,
) -> None:
    """Let somebody sign in. The password is asked for, or read from standard input."""
    from moderation import staff  # only here: they take long to load

    password = None if without_password else _password()
    with records(database, create=True) as store:
        staff.add(store, name, role, password, account=account, at=datetime.now(UTC))
    typer.echo(f"{printable(name)} may sign in as {role}.")


@app.command("list")
def list_(database: Address = None, as_json: AsJson = False) -> None:
    """List everybody, also who is disabled."""
    with records(database) as store, store.reading() as reader:
        found = reader.people.all()
    rows = [
        {
            "name": one.name,
            "role": one.role.value,
            "account": one.account,
            "made_at": one.made_at.isoformat(),
            "disabled_at": None if one.disabled_at is None else one.disabled_at.isoformat(),
        }
        for one in found
    ]
    if as_json:
        typer.echo(json.dumps({"people": rows}, indent=2))
        return
    shown = [tuple(printable(str(value or ""))[:40] for value in row.values()) for row in rows]
    show_table(("Name", "Role", "Account", "Since", "Disabled"), shown)


@app.command()
def role(name: Name, role: Role, database: Address = None) -> None:
    """Change what somebody may do; also lets in again who was disabled."""
    from moderation import staff

    with records(database) as store:
        staff.set_role(store, name, role, at=datetime.now(UTC))
    typer.echo(f"{printable(name)} is {role} now.")


@app.command()
def password(name: Name, database: Address = None) -> None:
    """Give somebody a new password, which ends their sessions."""
    from moderation import staff

    with records(database) as store:
        staff.set_password(store, name, _password(), at=datetime.now(UTC))
    typer.echo(f"{printable(name)} has a new password.")


@app.command()
def disable(name: Name, database: Address = None) -> None:
    """End that somebody may sign in, and their sessions, at once."""
    from moderation import staff

    with records(database) as store:
        staff.disable(store, name, at=datetime.now(UTC))
    typer.echo(f"{printable(name)} cannot sign in any more.")


def _password() -> str:
    """Asked for on a terminal, and a line of standard input elsewhere; never an argument."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != first:
        raise typer.BadParameter("the two are not the same", param_hint="password")
    return first
