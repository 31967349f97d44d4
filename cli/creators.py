"""`rakkan creators`: who is enrolled in an index, and with what."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from cli.enrol import enrol, named
from cli.forgetting import forget_features
from cli.index import IndexPlace
from cli.lazy import LazyGroup
from cli.tables import show_table
from cli.terminal import LONGEST, AsJson
from core.text import printable
from serving.settings import Settings
from similarity.gallery.creators import Creator
from similarity.gallery.wording import standing

if TYPE_CHECKING:
    from similarity.search import Similarity


class CreatorCommands(LazyGroup):
    """Those of `rakkan creators`: what some of them need is an extra, or takes long to load."""

    modules: ClassVar = {
        "calibrate": "cli.likeness",
        "reencode": "cli.reencode",
        "withdraw-again": "cli.withdraw_again",
    }


app = typer.Typer(cls=CreatorCommands, no_args_is_help=True, add_completion=False)
app.command()(enrol)


@app.callback()
def creators() -> None:
    """Creators whose works are searched."""


CreatorName = Annotated[
    str, typer.Argument(metavar="CREATOR", callback=named, help="Name of the creator.")
]


@app.command()
def withdraw(
    creator: CreatorName,
    index: IndexPlace,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, on a terminal.")] = False,
) -> None:
    """Take a creator out of an index, with all works and all that was made of them.

    On a terminal it asks before: nothing brings them back but enrolling anew.
    """
    from similarity.gallery.open import open_records  # only here: it takes long to load

    with closing(open_records(index)) as gallery:
        works = gallery.state().creator(creator).works
        if not yes and sys.stdin.isatty():
            typer.confirm(
                f"Withdraw {printable(creator)}, with {_works(works)}, for good?", abort=True
            )
        images = {work.sha256 for work in gallery.state().works_of(creator)}
        gone = gallery.withdraw(creator)
    forget_features(Settings.of(), images)
    typer.echo(
        f"{printable(creator)} is withdrawn, with {_works(gone)}. Nothing of them is left in the"
        " index."
    )


@app.command()
def remove(
    creator: CreatorName,
    works: Annotated[
        list[str],
        typer.Argument(
            metavar="WORK...",
            help="Works: by their names as enrolled, by file, by the end of the path, by digest.",
        ),
    ],
    index: IndexPlace,
) -> None:
    """Take single works of a creator out of an index."""
    from serving.works import find_works
    from similarity.gallery.open import open_records

    with closing(open_records(index)) as gallery:
        found = find_works(gallery.state().works_of(creator), works)
        left = gallery.remove(creator, [work.name for work in found])
    typer.echo(f"Works of {printable(creator)} removed: {len(found):,}; left: {left.works:,}.")


@app.command()
def show(creator: CreatorName, index: IndexPlace, as_json: AsJson = False) -> None:
    """Show one creator: consent, accounts, standing, and every work."""
    from similarity.gallery.open import open_records

    with closing(open_records(index, read_only=True)) as gallery:
        state = gallery.state()
        one, works = state.creator(creator), state.works_of(creator)
    if as_json:
        listed = [
            {"work": work.name, "sha256": work.sha256, "enrolled": work.at.isoformat()}
            for work in works
        ]
        typer.echo(json.dumps({**_document(one), "works": listed}, indent=2))
        return
    cells = dict(zip(_TITLES, _cells(one), strict=True))
    cells["Collaborators"] = ", ".join(printable(name) for name in one.collaborators)
    cells["Note"] = printable(one.consent.note or "")
    for title, cell in cells.items():
        if cell:
            typer.echo(f"{title + ':':15}{cell}")
    for work in works:
        typer.echo(f"{work.at:%Y-%m-%d}  {work.sha256[:12]}  {printable(work.name, LONGEST)}")


@app.command()
def upgrade(index: IndexPlace) -> None:
    """Bring an index that an older version of rakkan made up to date."""
    from similarity.gallery.open import upgrade as bring_up_to_date

    before = bring_up_to_date(index)
    typer.echo("It is up to date." if before is None else "It was older, and is up to date now.")


@app.command("list")
def list_creators(
    index: IndexPlace,
    as_json: AsJson = False,
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="List who withdrew, and when, in place of them.")
    ] = False,
    near: Annotated[
        bool,
        typer.Option(
            "--near",
            help="Works that others have enrolled as other files, too, are the same works; takes"
            " longer.",
        ),
    ] = False,
    alike: Annotated[
        bool,
        typer.Option(
            "--alike",
            help="Also list whose works look as if another creator had made them; takes longer,"
            " and needs the model that searches the index.",
        ),
    ] = False,
) -> None:
    """List who is enrolled; without a terminal as lines with tabs between the columns."""
    from similarity.copies.sharing import unsettled
    from similarity.gallery.open import open_records

    if withdrawn:
        with closing(open_records(index, read_only=True)) as gallery:
            gone, name = gallery.withdrawn(), gallery.state().name
        left = [(printable(one.creator), f"{one.at:%Y-%m-%d}") for one in gone]
        documents = [{"creator": one.creator, "at": one.at.isoformat()} for one in gone]
        _list(("Creator", "Withdrew"), left, {"withdrawn": documents, "index": name}, as_json)
        return
    similarity = _searching(index) if alike else None
    opened = similarity.gallery if similarity else open_records(index, read_only=True)
    with closing(opened) as gallery:
        state = gallery.state()
        creators, name = state.creators(), state.name
        shared = unsettled(state, near=near)
        hands = similarity.at(state).all_lookalikes() if similarity else None
    listed: list[Mapping[str, Any]] = []
    rows: list[Sequence[str]] = []
    for one in creators:
        same = shared.get(one.name, {})
        document, cells = {**_document(one), "same_works_as": dict(same)}, [*_cells(one)]
        cells.append(_others(same))
        if hands is not None:
            document["looks_like"] = hands[one.name]
            cells.append(_likened(hands[one.name]))
        listed.append(document)
        rows.append(cells)
    titles = (*_TITLES, "Same works as", *(["Looks like"] if alike else []))
    _list(titles, rows, {"creators": listed, "index": name}, as_json)


def _searching(index: str) -> "Similarity":
    """The search of an index, without the encoder that made it."""
    from serving.opening import open_similarity
    from similarity.gallery.open import recorded_identity

    return open_similarity(Settings.of(), index, recorded_identity(index).encoder)[1]


def _list(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    document: Mapping[str, object],
    as_json: bool,
) -> None:
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    elif not rows:
        typer.echo("Nobody has withdrawn." if "withdrawn" in document else "Nobody is enrolled.")
    else:
        show_table(titles, rows)


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
        "aliases": list(creator.aliases),
        "standing": None if one is None else {"own": one.own, "distinct": one.distinct},
    }


_TITLES = ("Creator", "Works", "Protection", "Since", "By", "Standing", "Accounts", "Aliases")


def _cells(creator: Creator) -> tuple[str, ...]:
    themselves = creator.consent.by == creator.name
    return (
        printable(creator.name),
        f"{creator.works:,}",
        creator.protection,
        f"{creator.consent.at:%Y-%m-%d}",
        "themselves" if themselves else printable(creator.consent.by),
        standing(creator),
        ", ".join(map(printable, creator.accounts)),
        ", ".join(map(printable, creator.aliases)),
    )


def _others(shared: Mapping[str, int]) -> str:
    return ", ".join(f"{printable(other)} ({_works(count)})" for other, count in shared.items())


def _likened(others: Mapping[str, float]) -> str:
    return ", ".join(f"{printable(other)} ({share:.0%})" for other, share in others.items())


def _works(count: int) -> str:
    return "1 work" if count == 1 else f"{count:,} works"
