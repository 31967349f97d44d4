"""`rakkan creators enrol`: creators' works into an index."""

import os
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.index import IndexPlace
from cli.paths import all_existing
from cli.reporting import progress
from cli.terminal import log
from core.text import printable, valid
from serving.enrol import Enrolled, Enrolment
from serving.opening import open_enroller
from serving.settings import Settings
from serving.sources.files import count
from similarity.errors import BadName
from similarity.gallery.creators import Consent, Protection
from similarity.gallery.names import creator_name
from similarity.gallery.wording import review_only

TOLD = 20
"""Files that could not be read, and names that could not be taken, that are named."""


def named(text: str | None) -> str | None:
    """A creator's name from the command line.

    Raises:
        BadParameter: It cannot be one.
    """
    if text is None:
        return None
    try:
        # A name is UTF-8, whatever the locale (LC_ALL=C) takes the argument for.
        return creator_name(os.fsencode(text).decode("utf-8", "surrogateescape"))
    except BadName as error:
        raise typer.BadParameter(str(error)) from None


def _all_named(texts: list[str] | None) -> list[str]:
    return [name for name in map(named, texts or ()) if name is not None]


def _all_existing(paths: list[Path] | None) -> list[Path]:
    return all_existing(paths or [])


def enrol(
    index: IndexPlace,
    creator: Annotated[
        str | None,
        typer.Argument(metavar="CREATOR", callback=named, help="Name of the creator."),
    ] = None,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH...",
            callback=_all_existing,
            help="The works: images, folders and archives.",
        ),
    ] = None,
    each: Annotated[
        Path | None,
        typer.Option(
            "--each",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Enrol many at once: every folder in this one is a creator, and bears the name.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Who asks for it; by default the creator, each for their own."),
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", help="Where the consent is on record.")
    ] = None,
    accounts: Annotated[
        list[str] | None,
        typer.Option(
            "--account", metavar="ACCOUNT", help="The creator's account; may be repeated."
        ),
    ] = None,
    collaborators: Annotated[
        list[str] | None,
        typer.Option(
            "--collaborator",
            metavar="NAME",
            callback=_all_named,
            help="A creator whose works may look alike; may be repeated.",
        ),
    ] = None,
    aliases: Annotated[
        list[str] | None,
        typer.Option(
            "--alias",
            metavar="NAME",
            callback=_all_named,
            help="Another name that prompts know the creator by; may be repeated.",
        ),
    ] = None,
    public_domain: Annotated[
        bool,
        typer.Option("--public-domain", help="Known works; nobody is protected from likeness."),
    ] = False,
    house_style: Annotated[
        bool,
        typer.Option(
            "--house-style", help="A style that many share; nobody is protected from likeness."
        ),
    ] = False,
) -> None:
    """Enrol a creator who asked for it, or add works to one.

    rakkan creators enrol CREATOR PATH... --index DIR

    rakkan creators enrol --each FOLDER --index DIR
    """
    if each is not None and (accounts or collaborators or aliases):
        raise typer.BadParameter(
            "--account, --collaborator and --alias belong to one creator, not to each"
        )
    passed_over: list[str] = []
    if each is None:
        wanted = _one(creator, tuple(paths or ()))
    elif creator is None and not paths:
        wanted = _folders(each, passed_over)
    else:
        raise typer.BadParameter("--each FOLDER names the creators: give no other")
    protection = _protection(public_domain, house_style)
    now = datetime.now(UTC)
    enrolments = [
        Enrolment(
            name,
            places,
            Consent(by or name, now, note),
            protection,
            tuple(accounts or ()),
            tuple(collaborators or ()),
            tuple(aliases or ()),
        )
        for name, places in wanted.items()
    ]
    total = count([path for places in wanted.values() for path in places])
    try:
        with open_enroller(Settings.of(), index) as enroller, progress("files") as tell:
            done = list(
                enroller.enrol(
                    enrolments,
                    workers=os.cpu_count() or 1,
                    progress=lambda files: tell(files, total),
                )
            )
            alike = enroller.lookalikes([one.creator.name for one in done if one.creator])
    except KeyboardInterrupt:
        log.warning("Interrupted. What was done is enrolled: run the same command again to go on.")
        raise
    typer.echo(_told(done, passed_over))
    for one in done:
        _warn(one)
    told = {
        frozenset((one.asked.creator, work.other.creator)) for one in done for work in one.shared
    }
    _warn_of_lookalikes(alike, told)
    if not any(one.creator for one in done):
        raise typer.Exit(1)


def _warn(one: Enrolled) -> None:
    """Say what somebody should look into: nothing here is an error."""
    name = printable(one.asked.creator)
    if one.withdrew is not None:
        log.warning(
            f"A creator of the name {name} withdrew on {one.withdrew:%Y-%m-%d}: make sure that this"
            " enrolment is their own wish."
        )
    works: dict[str, set[str]] = defaultdict(set)
    other_files: dict[str, set[str]] = defaultdict(set)
    for work in one.shared:
        if work.other.creator not in one.asked.collaborators:
            kind = works if work.exact else other_files
            kind[work.other.creator].add(work.name)
    for other in sorted(works | other_files):
        shared, alike = len(works[other] | other_files[other]), len(other_files[other])
        as_others = f" ({alike:,} as other files that show the same)" if alike else ""
        log.warning(
            f"{shared:,} of the works of {name} are enrolled by {printable(other)},"
            f" too{as_others}. Did they make them together? Then enrol again with --collaborator."
            " Otherwise one of the two may be somebody else: until that is clear, likeness to both"
            " is found less often."
        )


def _warn_of_lookalikes(
    alike: Mapping[str, Mapping[str, float]], told: set[frozenset[str]]
) -> None:
    """Of each pair once; not of those of whom it was told that they have the same works."""
    for name, others in alike.items():
        for other, share in others.items():
            if frozenset((name, other)) in told:
                continue
            told.add(frozenset((name, other)))
            log.warning(
                f"{100 * share:.0f} % of the works of {printable(name)} look as if"
                f" {printable(other)} had made them. Do they work together? Then enrol again with"
                " --collaborator. Do both use one kit of parts, or draw for one house? Then with"
                " --house-style. Otherwise likeness to anybody here is found less often."
            )


def _one(creator: str | None, paths: tuple[Path, ...]) -> dict[str, tuple[Path, ...]]:
    if creator is None or not paths:
        raise typer.BadParameter("name a CREATOR and where the works lie, or --each FOLDER")
    return {creator: paths}


def _folders(each: Path, passed_over: list[str]) -> dict[str, tuple[Path, ...]]:
    """Where whose works lie, by the names of folders; what is no creator's is passed over."""
    wanted: dict[str, tuple[Path, ...]] = {}
    for folder in sorted(each.iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            passed_over.append(f"{printable(str(folder))}: no creator's folder")
            continue
        try:
            name = creator_name(valid(folder.name))
        except BadName as error:
            passed_over.append(f"{printable(str(folder))}: {error}")
            continue
        # Names that differ in their Unicode form alone are one.
        wanted[name] = (*wanted.get(name, ()), folder)
    if not wanted:
        raise typer.BadParameter("the folder has no creators' folders in it", param_hint="--each")
    return wanted


def _protection(public_domain: bool, house_style: bool) -> Protection | None:
    if public_domain and house_style:
        raise typer.BadParameter("choose one of --public-domain and --house-style")
    if public_domain:
        return Protection.PUBLIC_DOMAIN
    return Protection.HOUSE_STYLE if house_style else None


def _told(done: list[Enrolled], passed_over: list[str]) -> str:
    creators = [one.creator for one in done if one.creator is not None]
    unreadable = [bad for one in done for bad in one.unreadable]
    lines = [
        f"Creators: {len(creators):,}",
        f"Works:    {sum(one.added for one in done):,} enrolled, {sum(one.known for one in done):,}"
        f" there already, {len(unreadable):,} unreadable",
    ]
    lines += _listed("Passed over", passed_over)
    lines += _listed("Unreadable", [f"{printable(path)}: {reason}" for path, reason in unreadable])
    lines += _listed(
        "Nothing to enrol", [printable(one.asked.creator) for one in done if one.creator is None]
    )
    lines += _listed(
        "Too little to see in them to find copies or likeness by",
        [printable(name) for one in done for name in one.plain],
    )
    lines += _listed(
        "Two flat colours, by which no style is told (copies are found)",
        [printable(name) for one in done for name in one.flat],
    )
    lines += _listed(
        "Review only",
        [f"{printable(one.name)}: {why}" for one in creators if (why := review_only(one))],
    )
    return "\n".join(lines)


def _listed(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - TOLD:,} more"] if len(lines) > TOLD else []
    return [f"{title}:", *(f"  {line}" for line in lines[:TOLD]), *more]
