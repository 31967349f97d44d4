"""`rakkan policy replay`: what a policy would have decided, before it goes live."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.database import Address, records
from cli.paths import output_folder
from cli.policies import PolicyPlace, find_policy
from cli.reporting import progress
from cli.tables import show_table
from cli.terminal import AsJson
from core.files import whole_file, write_whole
from core.text import percent, printable
from labelling import Action
from labelling.replay import Replay, Replayed
from labelling.wording import action_word
from moderation.replay import replay as replay_records
from pages.replay import replay_page
from scan.journal import Journal
from scan.replay import replay as replay_scan
from scan.rules import Rules

TABLE = "changes.csv"
PAGE = "replay.html"
COLUMNS = ("item", "action_before", "action", "label_before", "label", "rows", "reasons")
"""Of the table. Rows and reasons are lists, as JSON."""


def _folder(path: Path | None) -> Path | None:
    return None if path is None else output_folder(path)


def replay(
    policy: PolicyPlace,
    scan: Annotated[
        Path | None,
        typer.Option(
            "--scan",
            metavar="DIR",
            help="The folder of a finished scan; without it, the recorded decisions.",
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Of recorded decisions, those about uploads from this day (UTC) on.",
        ),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option("--of", metavar="SERVICE", help="Of recorded decisions, those of a service."),
    ] = None,
    database: Address = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="POLICY",
            help="Compare a scan with this policy; by default with what was decided.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            callback=_folder,
            help=f"Folder for {TABLE}, with all changes, and {PAGE}.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide again under another policy about a scan, or what was recorded, and tell what changes.

    Recorded decisions are made with the history that their account had then. Nothing is carried
    out, and nothing written to the scan or the records.
    """
    if scan is not None and (since or service or database):
        raise typer.BadParameter(
            "are of recorded decisions: leave out --scan", param_hint="--since"
        )
    if scan is None and against is not None:
        raise typer.BadParameter("is of a scan: name its folder by --scan", param_hint="--against")
    tried = find_policy(policy)
    counted = Replay()
    with ExitStack() as stack:
        if scan is not None:
            journal = stack.enter_context(closing(Journal.reopen(scan)))
            other = Rules.of_today(find_policy(against)) if against else None
            decided = replay_scan(journal, Rules.of_today(tried), other)
        else:
            store = stack.enter_context(records(database))
            start = (since or datetime.min).replace(tzinfo=UTC)
            decided = replay_records(store, tried, since=start, service=service)
        keep = stack.enter_context(_kept(out))
        tell = stack.enter_context(progress("decisions"))
        for one in counted.count(_told(decided, tell)):
            keep(one)
    if out is not None:
        page = replay_page(
            counted,
            title=tried.own.title.en,
            policy=str(tried.id),
            table=TABLE,
            made=datetime.now(UTC),
        )
        write_whole(out / PAGE, page.encode("utf-8"))
    if as_json:
        typer.echo(json.dumps(_document(counted, str(tried.id)), indent=2))
        return
    _show(counted, str(tried.id))
    if out is not None:
        typer.echo(f"\nAll changes: {printable(str(out / TABLE))}")
        typer.echo(f"Page: {printable(str(out / PAGE))}")


def _told(decided: Iterator[Replayed], tell: Callable[..., None]) -> Iterator[Replayed]:
    for number, one in enumerate(decided, 1):
        tell(number, None)
        yield one


@contextmanager
def _kept(out: Path | None) -> Iterator[Callable[[Replayed], None]]:
    """Writes each change into the table, if there is to be one."""
    if out is None:
        yield lambda _: None
        return
    out.mkdir(parents=True, exist_ok=True)
    with whole_file(out / TABLE) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        yield lambda one: writer.writerow(_row(one))
        text.detach()


def _row(one: Replayed) -> tuple[str | None, ...]:
    (action, after), (label, label_after) = one.actions, one.labels
    return (
        one.item,
        action,
        after,
        label,
        label_after,
        json.dumps([row.row for row in one.after.rows]),
        json.dumps([why.text for why in one.after.reasons], ensure_ascii=False),
    )


def _document(counted: Replay, policy: str) -> dict[str, Any]:
    return {
        "policy": policy,
        "decided": counted.decided,
        "changed": counted.changed,
        "harsher": counted.harsher,
        "milder": counted.milder,
        "transitions": [
            {"before": before, "after": after, "count": count}
            for (before, after), count in counted.transitions.most_common()
        ],
        "labels": [
            {"before": before, "after": after, "count": count}
            for (before, after), count in counted.labels.most_common()
        ],
        "rows": dict(counted.rows.most_common()),
    }


def _show(counted: Replay, policy: str) -> None:
    share = percent(counted.changed / counted.decided) if counted.decided else "none"
    typer.echo(
        f"{counted.decided:,} decided about under {printable(policy)}: {counted.changed:,}"
        f" ({share}) would be decided otherwise, {counted.harsher:,} harsher and"
        f" {counted.milder:,} milder.\n"
    )
    order = {action: rank for rank, action in enumerate(Action)}
    rows = [
        (
            "not decided" if before is None else action_word(before),
            action_word(after),
            f"{count:,}",
            ", ".join(printable(one.item) for one in counted.examples.get((before, after), [])[:1]),
        )
        for (before, after), count in sorted(
            counted.transitions.items(), key=lambda one: (order[one[0][1]], -one[1])
        )
    ]
    show_table(("Before", "After", "How many", "For example, of those that change"), rows)
