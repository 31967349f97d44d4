"""Delivery of messages: at least once, by any number of workers.

A worker claims messages for a while, sends them with their ids as idempotency keys, and says what
came of it. Whoever dies meanwhile loses the claim, and another sends them again. After too many
failures a message is dead: it waits for a person.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from core.text import one_line
from storage.cases import Message
from storage.messages import read_messages
from storage.state import OUTBOX
from storage.tables import DELIVERIES

WAITING = and_(OUTBOX.c.delivered_at.is_(None), OUTBOX.c.cancelled_at.is_(None))
"""Messages that are to be sent still."""


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
    due = (
        select(DELIVERIES.c.message)
        .join_from(DELIVERIES, OUTBOX, OUTBOX.c.id == DELIVERIES.c.message)
        .where(
            WAITING,
            ~DELIVERIES.c.dead,
            or_(DELIVERIES.c.leased_until.is_(None), DELIVERIES.c.leased_until <= now),
            or_(DELIVERIES.c.retry_at.is_(None), DELIVERIES.c.retry_at <= now),
        )
        .order_by(OUTBOX.c.sequence)
        .limit(limit)
        # PostgreSQL looks again at a row that another worker changed: it must be one of these.
        .with_for_update(of=DELIVERIES, skip_locked=True)
    )
    claimed = list(connection.scalars(due))
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


def dead_letters(connection: Connection, limit: int) -> tuple[Message, ...]:
    """Messages that are not tried any longer, the oldest first."""
    return read_messages(connection, _dead() & WAITING, limit)


def revive(connection: Connection, message: str) -> None:
    """Try a dead letter again, from the first attempt on."""
    mine = DELIVERIES.c.message == message
    values = {"dead": False, "attempts": 0, "retry_at": None, "leased_until": None}
    connection.execute(update(DELIVERIES).where(mine).values(values))


def _dead() -> ColumnElement[bool]:
    return OUTBOX.c.id.in_(select(DELIVERIES.c.message).where(DELIVERIES.c.dead))
