"""Who looks at a review or an appeal: one person at a time, and not for ever."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from moderation import events
from moderation.errors import AlreadyAnswered, AlreadyClaimed, NotClaimed
from moderation.people import Act
from storage.events import Event

CLAIM = timedelta(minutes=30)
"""How long a claim lasts."""


class Claimable(Protocol):
    """What a person can look at: a review or an appeal."""

    @property
    def id(self) -> str:
        """Of the review or appeal."""

    @property
    def claimed_by(self) -> str | None:
        """Who claimed it last."""

    @property
    def claimed_until(self) -> datetime | None:
        """Until when nobody else can claim it."""

    @property
    def resolved_at(self) -> datetime | None:
        """When it was answered."""


def holder(case: Claimable, at: datetime) -> str | None:
    """Who holds it at a time; None for nobody."""
    until = case.claimed_until
    return case.claimed_by if until is not None and at < until else None


def expired(act: Act, what: str, case: Claimable) -> Sequence[Event]:
    """What a new claim ends: an earlier one that has run out.

    Args:
        act: Who claims it, and when.
        what: `review` or `appeal`.
        case: The review or appeal.

    Raises:
        AlreadyAnswered: It is answered.
        AlreadyClaimed: Another moderator holds it.
    """
    still_open(case)
    held_by = holder(case, act.at)
    if held_by is not None and held_by != act.by:
        raise AlreadyClaimed("Another moderator looks at this: take another one.")
    if held_by is None and case.claimed_by is not None:
        return (events.claim_expired(act, what, case.id, case.claimed_by),)
    return ()


def released(act: Act, what: str, case: Claimable) -> Sequence[Event]:
    """What gives it back to the queue.

    Args:
        act: Of who holds it.
        what: `review` or `appeal`.
        case: The review or appeal.

    Raises:
        AlreadyAnswered: It is answered.
        NotClaimed: The claim is another's, or has expired.
    """
    held(act, case)
    return (events.claim_expired(act, what, case.id, act.by),)


def held(act: Act, case: Claimable) -> None:
    """Hold that whoever answers has claimed it.

    Raises:
        AlreadyAnswered: It is answered.
        NotClaimed: The claim is another's, or has expired.
    """
    still_open(case)
    if holder(case, act.at) != act.by:
        raise NotClaimed("You do not hold this any more: claim it again before you answer.")


def still_open(case: Claimable) -> None:
    """Hold that it is not answered.

    Raises:
        AlreadyAnswered: It is.
    """
    if case.resolved_at is not None:
        raise AlreadyAnswered("This is answered already: nothing more can be done here.")
