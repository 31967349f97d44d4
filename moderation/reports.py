"""What the platform reports: the history of an account is made of it.

Each report is an act with a key, so that a platform may report the same twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from moderation import events
from moderation.effects import case_of, first_time
from moderation.enforcement import to_holders
from moderation.errors import CaseErased
from moderation.people import Act
from storage import Store
from storage.cases import Purchaser
from storage.events import Event, EventType

PLATFORM = "platform"
"""The actor of reports."""


def report(store: Store, event: Event) -> None:
    """Keep one report.

    Args:
        store: Where.
        event: Of `moderation.events`: `posted`, `deleted`, `links_added`, `request_placed` or
            `request_changed`, made with an act of `PLATFORM`.

    Raises:
        KeyReused: Its key was used for another report.
    """
    act = Act(event.at, event.actor, event.key or "")
    with store.transaction() as tx:
        if first_time(tx, act, event.type):
            tx.append(event)


def report_purchasers(
    store: Store,
    work: str,
    points: Mapping[str, int],
    downloaders: Sequence[str] = (),
    *,
    at: datetime,
    key: str,
) -> None:
    """Keep who bought or downloaded a work; whoever has one that is delisted is told at once.

    Args:
        store: Where.
        work: Which.
        points: What each purchaser paid, by account.
        downloaders: Accounts that downloaded it without payment.
        at: Now, with a time zone.
        key: Idempotency key.

    Raises:
        KeyReused: The key was used for another report.
    """
    act = Act(at, PLATFORM, key)
    with store.transaction() as tx:
        if not first_time(tx, act, EventType.PURCHASERS_REPORTED):
            return
        tx.append(events.purchasers_reported(act, work, points, downloaders))
        decision = tx.delisted_by(work)
        if decision is None:
            return
        try:
            case, _ = case_of(tx.decision(decision), tx)
        except CaseErased:
            return
        # What somebody was told already stands under the same key.
        known = {one.id for one in tx.messages(decision=decision)}
        new = [Purchaser(account, paid) for account, paid in points.items()]
        new += [Purchaser(account, 0) for account in downloaders if account not in points]
        said = to_holders(act, case, new)
        tx.append(*(one for one in said if one.data["message"] not in known))
