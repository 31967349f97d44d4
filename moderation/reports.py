"""What the platform reports: the history of an account is made of it.

Each report is an act with a key, so that a platform may report the same twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from moderation import events
from moderation.effects import case_of, first_time
from moderation.enforcement import to_holders
from moderation.errors import CaseErased, KeyReused
from moderation.people import Act
from moderation.reported import Purchased, Report
from storage import Store, Transaction
from storage.cases import Purchaser
from storage.events import Event

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
    with store.transaction() as tx:
        _keep(tx, event)


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
        if _keep(tx, events.purchasers_reported(act, work, points, downloaders)):
            _tell(tx, act, work, points, downloaders)


def keep_reports(store: Store, reports: Iterable[tuple[str, Report]], *, now: datetime) -> int:
    """Keep reports in one transaction: all of them, or none.

    Args:
        store: Where.
        reports: Each with its idempotency key.
        now: With a time zone; when those happened that do not say when.

    Returns:
        How many are new.

    Raises:
        KeyReused: A key was used for another report.
    """
    new = 0
    with store.transaction() as tx:
        for key, one in reports:
            # Reported again without a time, it happened when it did.
            before = tx.done(key)
            at = one.at or (now if before is None else before[0].at)
            if _keep(tx, one.event(Act(at, PLATFORM, key))):
                new += 1
                if isinstance(one, Purchased):
                    # Told now, whenever they bought it.
                    _tell(tx, Act(now, PLATFORM, key), one.work, *one.holders)
    return new


def _keep(tx: Transaction, event: Event) -> bool:
    """Append a report, unless it was; whether it is new."""
    act = Act(event.at, event.actor, event.key or "")
    if not first_time(tx, act, event.type):
        (before, *_) = tx.done(act.key) or ()
        if not tx.tells(before, event):
            raise KeyReused("This idempotency key was used for another report: take a new one.")
        return False
    tx.append(event)
    return True


def _tell(
    tx: Transaction, act: Act, work: str, points: Mapping[str, int], downloaders: Sequence[str]
) -> None:
    """Tell and pay back whoever holds a work that is delisted already."""
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
