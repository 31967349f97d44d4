"""`rakkan outbox`: messages to the platform, and those that it did not take."""

import json
import signal
from typing import Annotated

import typer

from cli.database import Address, records
from cli.tables import show_table
from cli.terminal import AsJson
from core.text import printable
from moderation.delivery import retry as try_again
from moderation.webhooks.listing import Message as Listed
from moderation.webhooks.listing import listed
from serving.errors import SettingsError
from serving.settings import Settings
from storage.cases import MessageState

app = typer.Typer(no_args_is_help=True, add_completion=False)

Id = Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id, as `list` shows it.")]


@app.callback()
def outbox() -> None:
    """Messages to the platform: what waits, what it did not take, and delivering them."""


@app.command("list")
def list_(
    state: Annotated[
        MessageState, typer.Option("--state", help="How far they have come.")
    ] = MessageState.DEAD,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    database: Address = None,
    as_json: AsJson = False,
) -> None:
    """List messages in one state, the oldest first; by default those that wait for a person."""
    with records(database) as store:
        found = listed(store, state, limit=limit)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    typer.echo(f"Messages that wait: {found.waiting:,}; that wait for a person: {found.dead:,}")
    rows = [
        (
            printable(one.id),
            one.type,
            f"{one.at:%Y-%m-%d %H:%M}",
            f"{one.attempts}",
            printable(one.error or ""),
        )
        for one in found.messages
    ]
    show_table(("Message", "Type", "Queued (UTC)", "Attempts", "Why not"), rows)


@app.command()
def show(message: Id, database: Address = None) -> None:
    """Show a message as JSON, with its body."""
    with records(database) as store, store.reading() as reader:
        found = reader.message(message)
    document = {**Listed.of(found).model_dump(mode="json"), "body": found.body}
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


@app.command()
def retry(
    messages: Annotated[
        list[str] | None, typer.Argument(metavar="MESSAGE", help="Ids, as `list` shows them.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All that wait for a person, instead of naming them.")
    ] = False,
    database: Address = None,
) -> None:
    """Try messages again at once, from the first attempt on; also those that wait for a person."""
    if every is bool(messages):
        raise typer.BadParameter("name messages, or ask for --all", param_hint="MESSAGE")
    with records(database) as store:
        if every:
            tried = store.revive_all()
        else:
            tried = len([try_again(store, one) for one in messages or ()])
    typer.echo(f"To be tried again: {tried:,}")


@app.command()
def deliver(
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due now, and end; otherwise go on.")
    ] = False,
    database: Address = None,
) -> None:
    """Post what waits to RAKKAN_WEBHOOK_URL, signed with RAKKAN_WEBHOOK_SECRET.

    `rakkan serve` does so itself where both are set; any number of processes share the work.
    """
    # Only here: the client takes a while to load.
    from moderation.links import Links
    from moderation.webhooks.courier import Courier
    from moderation.webhooks.webhook import Webhook

    settings = Settings.of()
    webhook, links = settings.webhook, settings.links
    if webhook is None:
        raise SettingsError(
            "nobody gets messages: set RAKKAN_WEBHOOK_URL, and RAKKAN_WEBHOOK_SECRET"
        )
    with records(database) as store:
        made = None if links is None else Links(*links)
        courier = Courier(store, Webhook(*webhook, links=made))
        if once:
            done = courier.all_due()
            typer.echo(f"Sent: {done.sent:,}; failed: {done.failed:,}; for a person: {done.dead:,}")
            return
        # Blocked before there are threads, so that this one gets them, and between two messages.
        ending = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ending)
        courier.start()
        signal.sigwait(ending)
        courier.stop()
