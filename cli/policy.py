"""`rakkan policy`: the rules of a platform."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.explain import explain
from cli.failures import FAILED
from cli.policies import find_policy
from cli.replay import replay
from cli.tables import show_table
from cli.terminal import item, paragraph
from core.text import printable
from labelling.announcement import Announcement, announcement
from labelling.errors import BadPolicy
from labelling.policy.checking import check as check_chain
from labelling.policy.inheritance import inherited, with_parents
from labelling.policy.library import PolicyLibrary, read_policy
from labelling.policy.problems import Problem
from serving.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command()(explain)
app.command()(replay)


class Language(StrEnum):
    """In which policies are written."""

    EN = "en"
    JA = "ja"


@app.callback()
def policy() -> None:
    """Policies: the rules by which a platform decides."""


@app.command("list")
def list_policies() -> None:
    """List the policies that there are: yours, and those that ship."""
    library = PolicyLibrary(Settings.of().policies)
    rows = []
    for name in library:
        try:
            one = library[name].policy
        except BadPolicy:
            rows.append((printable(name), "", "", "cannot be read: see `rakkan policy check`"))
            continue
        rows.append((name, one.mode.value, one.inherits or "", one.title.en))
    show_table(("name", "mode", "inherits", "title"), rows)


@app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="Policies (.yaml)."),
    ],
) -> None:
    """Tell all that is wrong with policies, each with its line and column.

    What a policy inherits lies beside it, in your folder of policies, or ships. The command fails
    if a policy cannot be used; a warning is no failure.
    """
    problems = [one for file in files for one in _problems(file)]
    for problem in problems:
        typer.echo(str(problem))
    wrong = [one for one in problems if not one.warning]
    if wrong:
        raise typer.Exit(FAILED)
    typer.echo("In order." if not problems else "In order, with warnings.")


def _problems(file: Path) -> tuple[Problem, ...]:
    beside = {one.stem: one for one in file.parent.glob("*.yaml") if one != file}
    library = PolicyLibrary(Settings.of().policies)
    try:
        own = read_policy(file)
        documents = {name: library[name] for name in library if name not in beside}
        documents |= {name: read_policy(place) for name, place in beside.items()}
        return check_chain(with_parents(own, documents))
    except BadPolicy as error:
        return error.problems


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the policy, or a file (.yaml).")
    ],
    language: Annotated[Language, typer.Option("--lang", help="Of the words.")] = Language.EN,
    source: Annotated[
        bool, typer.Option("--source", help="Print the document itself, to make your own of it.")
    ] = False,
) -> None:
    """Show a policy as people read it: what holds since when, and what follows."""
    if source:
        library = PolicyLibrary(Settings.of().policies)
        inherited(name, library)  # tells which there are
        typer.echo(library.document(name), nl=False)
        return
    told = announcement(find_policy(name), datetime.now(UTC), language.value)
    typer.echo("\n".join(_lines(told)))


def _lines(told: Announcement) -> list[str]:
    lines = [told.title, told.standing]
    for day in told.days:
        lines += ["", day.since]
        for rule in day.rules:
            lines += ["", *item(rule.rule)]
            for line in rule.follows:
                lines += [f"    {words}" for words in paragraph(line)]
            lines.append(f"    [{rule.id}]")
    if told.closing:
        lines += ["", *told.closing]
    if told.objecting is not None:
        lines += ["", told.objecting_title, "", *paragraph(told.objecting)]
    return lines
