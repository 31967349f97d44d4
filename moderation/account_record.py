"""An account as moderators look at it: what stands against it, and what happened, page by page."""

from dataclasses import dataclass
from datetime import datetime

from labelling.history import Confirmation, Strike
from storage import EventType, Reader
from storage.cases import Suspension
from storage.trail import TrailEntry

ENTRIES = 100
"""Of a page."""

PASSED_OVER = frozenset({EventType.DELIVERED, EventType.REVIEW_CLAIMED, EventType.CLAIM_EXPIRED})
"""What says nothing of the account: how messages were sent, and who held a review."""

SHOWN = tuple(one for one in EventType if one not in PASSED_OVER)


@dataclass(frozen=True)
class AccountRecord:
    """An account as moderators look at it.

    Attributes:
        account: Its name.
        strikes: Those that it ever got, the oldest first.
        standing: How many of them count now.
        warnings: How many warnings it got that were not taken back.
        suspensions: Proposed or in force, the oldest first.
        suspended: Whether it is suspended now.
        confirmed: What moderators confirmed of its behaviour.
        entries: What happened, the newest first.
        more: Sequence before which the next page begins; None where this is the last.
    """

    account: str
    strikes: tuple[Strike, ...]
    standing: int
    warnings: int
    suspensions: tuple[Suspension, ...]
    suspended: bool
    confirmed: tuple[Confirmation, ...]
    entries: tuple[TrailEntry, ...]
    more: int | None

    @property
    def known(self) -> bool:
        """Whether anything is known of it."""
        return bool(self.entries)


def account_record(
    reader: Reader, account: str, *, at: datetime, before: int | None = None
) -> AccountRecord:
    """An account as moderators look at it.

    Args:
        reader: Of the records.
        account: Its name.
        at: Now, with a time zone.
        before: Sequence before which the page lies; None for the newest.
    """
    # Posts are on the trail: of the history only what was found is asked for.
    past = reader.history(account, since=at, until=at)
    entries = reader.trail.page(ENTRIES + 1, before=before, account=account, types=SHOWN)
    page = entries[:ENTRIES]
    return AccountRecord(
        account=account,
        strikes=past.strikes,
        standing=past.standing_strikes(at),
        warnings=sum(one.reversed_at is None for one in past.warnings),
        suspensions=reader.suspensions(account),
        suspended=reader.suspended(account),
        confirmed=past.confirmations,
        entries=page,
        more=page[-1].sequence if len(entries) > ENTRIES else None,
    )
