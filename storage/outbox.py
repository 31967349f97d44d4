"""Delivery of messages: at least once, by any number of workers.

A worker claims messages for a while, sends them with their ids as idempotency keys, and says what
came of it. Whoever dies meanwhile loses the claim, and another sends them again. After too many
failures a message is dead: it waits for a person.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from core.text import one_line
from storage.cases import Backlog, Message, MessageState
from storage.messages import BODY, read_messages
from storage.state import OUTBOX
from storage.tables import DELIVERIES, PRIVATE

_LEFT = (
    select(PRIVATE.c.sequence)
    .where(PRIVATE.c.sequence == OUTBOX.c.sequence, PRIVATE.c.part == BODY)
    .exists()
)
"""What was erased has nothing left to say."""

WAITING = and_(OUTBOX.c.delivered_at.is_(None), OUTBOX.c.cancelled_at.is_(None), _LEFT)
"""Messages that are to be sent still, the dead ones too."""

_DEAD = OUTBOX.c.id.in_(select(DELIVERIES.c.message).where(DELIVERIES.c.dead))

STATES: Mapping[MessageState, ColumnElement[bool]] = {
    MessageState.WAITING: WAITING & ~_DEAD,
    MessageState.DEAD: WAITING & _DEAD,
    MessageState.DELIVERED: OUTBOX.c.delivered_at.is_not(None),
    MessageState.ERASED: and_(
        OUTBOX.c.delivered_at.is_(None), or_(OUTBOX.c.cancelled_at.is_not(None), ~_LEFT)
    ),
}

_AGAIN = {"dead": False, "attempts": 0, "retry_at": None, "leased_until": None}
"""Of a message that is tried from the first attempt on."""


def due(connection: Connection, now: datetime) -> bool:
    """Whether a message can be claimed.

    Args:
        connection: Within a transaction.
        now: The time.
    """
    return connection.scalar(_due(now).limit(1)) is not None


def claim(
    connection: Connection, now: datetime, lease: timedelta, limit: int
) -> tuple[Message, ...]:
    """Claim messages that are due, the oldest first.

    Args:
        connection: Within a transaction; on SQLite one that nobody writes beside.
        now: The time.
        lease: For how long nobody else gets them.
        limit: At most so many.
    """
    # PostgreSQL looks again at a row that another worker changed: it must be one of these.
    free = _due(now).limit(limit).with_for_update(of=DELIVERIES, skip_locked=True)
    claimed = list(connection.scalars(free))
    if not claimed:
        return ()
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.message.in_(claimed))
        .values(
            leased_until=now + lease,
            attempts=DELIVERIES.c.attempts + 1,
            retry_at=None,
            error=None,
        )
    )
    return read_messages(connection, OUTBOX.c.id.in_(claimed))


def release(connection: Connection, messages: Iterable[str]) -> None:
    """Give back messages that were claimed and not begun.

    Args:
        connection: Within a transaction.
        messages: Their ids.
    """
    mine = DELIVERIES.c.message.in_(list(messages))
    values = {"leased_until": None, "attempts": DELIVERIES.c.attempts - 1}
    connection.execute(update(DELIVERIES).where(mine).values(values))


def failed(connection: Connection, message: str, error: str, retry_at: datetime | None) -> None:
    """Say that a delivery failed.

    Args:
        connection: Within a transaction.
        message: Its id.
        error: Why, in words.
        retry_at: When to try again; None for a dead letter.
    """
    values = {
        "leased_until": None,
        "retry_at": retry_at,
        "error": one_line(error),
        "dead": retry_at is None,
    }
    connection.execute(update(DELIVERIES).where(DELIVERIES.c.message == message).values(values))


def backlog(connection: Connection) -> Backlog:
    """How much is to be sent still.

    Args:
        connection: Within a transaction.
    """
    rows = connection.execute(
        select(DELIVERIES.c.dead, func.count(), func.min(OUTBOX.c.at))
        .join_from(DELIVERIES, OUTBOX, OUTBOX.c.id == DELIVERIES.c.message)
        .where(WAITING)
        .group_by(DELIVERIES.c.dead)
    )
    counts = {bool(dead): (count, oldest) for dead, count, oldest in rows}
    waiting, oldest = counts.get(False, (0, None))
    return Backlog(waiting, counts.get(True, (0, None))[0], oldest)


def in_state(
    connection: Connection, state: MessageState, limit: int, after: int = 0
) -> tuple[Message, ...]:
    """Messages of a state, the oldest first.

    Args:
        connection: Within a transaction.
        state: How far they have come.
        limit: At most so many.
        after: Sequence after which they begin.
    """
    return read_messages(connection, STATES[state] & (OUTBOX.c.sequence > after), limit)


def revive(connection: Connection, message: str) -> None:
    """Try a message again at once, from the first attempt on."""
    mine = DELIVERIES.c.message == message
    connection.execute(update(DELIVERIES).where(mine).values(_AGAIN))


def revive_all(connection: Connection) -> int:
    """Try all dead letters again at once.

    Returns:
        How many.
    """
    dead = select(OUTBOX.c.id).where(STATES[MessageState.DEAD])
    mine = DELIVERIES.c.message.in_(dead)
    return connection.execute(update(DELIVERIES).where(mine).values(_AGAIN)).rowcount


def _due(now: datetime) -> Select[tuple[str]]:
    return (
        select(DELIVERIES.c.message)
        .join_from(DELIVERIES, OUTBOX, OUTBOX.c.id == DELIVERIES.c.message)
        .where(
            WAITING,
            ~DELIVERIES.c.dead,
            or_(DELIVERIES.c.leased_until.is_(None), DELIVERIES.c.leased_until <= now),
            or_(DELIVERIES.c.retry_at.is_(None), DELIVERIES.c.retry_at <= now),
        )
        .order_by(OUTBOX.c.sequence)
    )
