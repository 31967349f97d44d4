"""Uploads that were called near to an enrolled creator, or copies of their works, newest first.

Whom an upload is near to lies in the private part of its decision, so that it can be erased, and is
in no index: the newest decisions are read until there are enough, a bounded number at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from evidence import CreatorVerdict
from storage.appending import read_event
from storage.decisions import Nearness, read_nearness
from storage.names import names
from storage.state import REVIEWS
from storage.tables import EVENTS, NEARNESS

LOOKED_AT = 5_000
"""Decisions that are read for one page, at most: of uploads that are near to anybody at all."""

AT_ONCE = 500


@dataclass(frozen=True)
class Resembling:
    """A decision about an upload that was called near to a creator.

    Attributes:
        sequence: Of its event.
        decision: Its id.
        account: Whose upload it is; None for nobody's that is known.
        work: Which work; None where that is not known.
        at: When it was decided.
        action: What followed at once.
        verdict: On the likeness; `NONE` where it holds a copy alone.
        p_value: Of the likeness; None where it holds a copy alone.
        copy: Whether it was proven to hold a copy of a work.
        review: The first review that the decision asked for; None for none.
    """

    sequence: int
    decision: str
    account: str | None
    work: str | None
    at: datetime
    action: str
    verdict: CreatorVerdict
    p_value: float | None
    copy: bool
    review: str | None


@dataclass(frozen=True)
class ResemblingPage:
    """Some of them.

    Attributes:
        entries: The newest first.
        more: Sequence before which older ones may lie; None where there are none.
    """

    entries: tuple[Resembling, ...]
    more: int | None


def read_resembling(
    connection: Connection,
    creator: str,
    limit: int,
    before: int | None = None,
    most: int = LOOKED_AT,
) -> ResemblingPage:
    """The uploads that were called near to a creator, or copies of their works.

    Args:
        connection: Within a transaction.
        creator: Name of the creator, in the index.
        limit: At most so many.
        before: Sequence before which they lie; None for the newest.
        most: Decisions that are read for it, at most.
    """
    found: dict[int, tuple[bool, CreatorVerdict, float | None]] = {}
    more: int | None = None
    last: int | None = None
    for looked_at, (sequence, near) in enumerate(_newest(connection, before)):
        if len(found) == limit or looked_at == most:
            more = last
            break
        last = sequence
        verdict, p_value = _likeness(near, creator)
        if verdict is not CreatorVerdict.NONE or creator in near.copies:
            found[sequence] = creator in near.copies, verdict, p_value
    rows = connection.execute(select(EVENTS).where(EVENTS.c.sequence.in_(found)))
    events = sorted(map(read_event, rows), key=lambda one: -one.sequence)
    called = names(connection, (number for one in events for number in (one.account, one.work)))
    asked = connection.execute(
        select(REVIEWS.c.decision, REVIEWS.c.id)
        .where(REVIEWS.c.decision.in_([one.data["decision"] for one in events]))
        # Of several of one decision, the first stands last.
        .order_by(REVIEWS.c.sequence.desc())
    )
    reviews: dict[str, str] = {row.decision: row.id for row in asked}
    entries = []
    for one in events:
        copy, verdict, p_value = found[one.sequence]
        entries.append(
            Resembling(
                sequence=one.sequence,
                decision=one.data["decision"],
                account=called.get(one.account),
                work=called.get(one.work),
                at=one.at,
                action=one.data["action"],
                verdict=verdict,
                p_value=p_value,
                copy=copy,
                review=reviews.get(one.data["decision"]),
            )
        )
    return ResemblingPage(tuple(entries), more)


def _newest(connection: Connection, before: int | None) -> Iterator[tuple[int, Nearness]]:
    while True:
        chosen = select(NEARNESS.c.sequence, NEARNESS.c.content)
        if before is not None:
            chosen = chosen.where(NEARNESS.c.sequence < before)
        rows = connection.execute(chosen.order_by(NEARNESS.c.sequence.desc()).limit(AT_ONCE)).all()
        for sequence, content in rows:
            yield sequence, read_nearness(content)
        if len(rows) < AT_ONCE:
            return
        before = rows[-1].sequence


def _likeness(near: Nearness, creator: str) -> tuple[CreatorVerdict, float | None]:
    for one in near.likenesses:
        if one.creator == creator and one.verdict is not CreatorVerdict.NONE:
            return one.verdict, one.p_value
    return CreatorVerdict.NONE, None
