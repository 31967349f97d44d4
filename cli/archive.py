"""`rakkan archive`: works that are not allowed, delisted whenever they were posted."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from cli.database import Address, records
from cli.index import HELP, some_place
from cli.paths import existing, existing_file
from cli.policies import find_policy
from cli.tables import show_table
from cli.terminal import AsJson, log
from core.text import printable
from evidence.wording.catalogue import say
from moderation import archive as acts
from moderation.people import Moderator
from moderation.proposed import PreviewedProposal, Proposal, previewed
from scan.journal import Journal
from scan.posts import posted_works, read_posts
from storage.cases import ProposalState

app = typer.Typer(no_args_is_help=True, add_completion=False)

Id = Annotated[str, typer.Argument(metavar="PROPOSAL", help="Its id, as `list` shows it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who acts, for the records.")]


@app.callback()
def archive() -> None:
    """Works that are not allowed: proposed in bulk, approved, undone, carried out."""


@app.command()
def propose(
    scan: Annotated[
        Path,
        typer.Argument(metavar="SCAN", callback=existing, help="The folder of a finished scan."),
    ],
    service: Annotated[
        str,
        typer.Option("--service", metavar="NAME", help="Whose policy decides: its name or file."),
    ],
    by: By,
    posts: Annotated[
        Path | None,
        typer.Option(
            "--posts",
            metavar="FILE",
            callback=lambda path: path and existing_file(path),
            help="What is known of the images, as CSV or JSON lines (.jsonl): path, work, account,"
            " posted_at, kind, declared_ai, categories, paid, outside_links. Without it, the path"
            " of an image is the name of its work.",
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The same key gives the same proposal, however often it runs."),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="DIR",
            callback=some_place,
            help=f"Works of the creator whose account it is do not count. {HELP}",
        ),
    ] = None,
    database: Address = None,
    as_json: AsJson = False,
) -> None:
    """Propose to delist what the policy does not allow, and show what that would do.

    What only pixels speak against is not among it. Nothing happens before somebody else approves.
    """
    policy = find_policy(service)
    now = datetime.now(UTC)
    known = None if posts is None else read_posts(posts)
    owners = _owners(index)
    with closing(Journal.reopen(scan)) as journal, records(database, create=True) as store:
        made = acts.propose(
            store,
            posted_works(journal, policy.id.name, now, known),
            policy,
            by=by,
            at=now,
            key=f"archive:{key or uuid4()}",
            creators=owners,
        )
        _show(previewed(store, made.proposal), as_json=as_json)
    if not policy.acts:
        log.warning(say("policy_in_shadow"))


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    database: Address = None,
) -> None:
    """List proposals, the newest first."""
    with records(database) as store, store.reading() as reader:
        found = reader.proposals(limit)
    rows = [
        (
            one.id,
            printable(one.service),
            one.state,
            f"{one.carried_out:,} of {one.decisions:,}",
            f"{one.proposed_at:%Y-%m-%d}",
            printable(one.proposed_by),
        )
        for one in found
    ]
    show_table(("Proposal", "Service", "State", "Delisted", "Proposed", "By"), rows)


@app.command()
def show(proposal: Id, database: Address = None, as_json: AsJson = False) -> None:
    """Show a proposal, and what it would still do."""
    with records(database) as store:
        _show(previewed(store, proposal), as_json=as_json)


@app.command()
def approve(proposal: Id, by: By, database: Address = None) -> None:
    """Approve what somebody else proposed; until the policy's days are over it can be undone.

    Whoever may write the records may approve: name a senior moderator.
    """
    with records(database) as store:
        done = acts.approve(
            store,
            proposal,
            Moderator(by, senior=True),
            at=datetime.now(UTC),
            key=f"archive:{uuid4()}",
        )
    typer.echo(f"Approved. It can be undone until {done.undo_until:%Y-%m-%d %H:%M} UTC.")


@app.command()
def undo(proposal: Id, by: By, database: Address = None) -> None:
    """Take a proposal back, before anything of it is carried out."""
    with records(database) as store:
        acts.undo(store, proposal, Moderator(by), at=datetime.now(UTC), key=f"archive:{uuid4()}")
    typer.echo("Undone: nothing is delisted.")


@app.command("carry-out")
def carry_out(proposal: Id, database: Address = None) -> None:
    """Delist the works of an approved proposal, once it can no longer be undone.

    What was interrupted is gone on with where this is run again.
    """
    with records(database) as store:
        done = acts.carry_out(store, proposal, at=datetime.now(UTC))
    typer.echo(f"Delisted: {done.carried_out:,} of {done.decisions:,}")


def _owners(index: str | None) -> Callable[[str], Sequence[str]]:
    """Names of the enrolled creators who have an account."""
    if index is None:
        return lambda _: ()
    from similarity.gallery.open import open_records  # only here: it takes long to load
    from similarity.upload import Uploader

    with closing(open_records(index)) as gallery:
        creators = gallery.state().creators()
    return lambda account: sorted(Uploader.of(account, creators).own)


def _show(found: PreviewedProposal, *, as_json: bool) -> None:
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    would = found.preview
    typer.echo(f"Proposal {found.id}: {found.state}")
    typer.echo(f"Policy: {printable(found.service)} {found.policy_sha256[:12]}")
    for line in _by(found):
        typer.echo(line)
    typer.echo(f"Works to be delisted: {would.works:,}, of accounts: {would.accounts:,}")
    typer.echo(f"Purchasers and downloaders to be told: {would.purchasers:,}")
    typer.echo(f"Points to be paid back: {would.points:,}")
    for row in would.rows:
        typer.echo(f"- row {printable(row.row)}: {row.count:,}")
    if would.samples:
        typer.echo(f"Some of the works: {', '.join(map(printable, would.samples))}")


def _by(found: Proposal) -> list[str]:
    lines = [f"Proposed by {printable(found.proposed_by)}, {found.proposed_at:%Y-%m-%d %H:%M} UTC"]
    if found.approved_by is not None:
        lines.append(f"Approved by {printable(found.approved_by)}")
    if found.state is ProposalState.APPROVED and found.undo_until is not None:
        lines.append(f"It can be undone until {found.undo_until:%Y-%m-%d %H:%M} UTC")
    return lines
