"""Messages as they are read: what is to be sent, and how far that has come."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from storage.cases import Message
from storage.private import read_parts
from storage.rows import named, record
from storage.state import OUTBOX
from storage.tables import DELIVERIES

BODY = "body"
"""The private part of a message's event that is sent."""

_PROGRESS = tuple(DELIVERIES.c[name] for name in ("attempts", "dead", "retry_at", "error"))


def read_messages(
    connection: Connection, where: ColumnElement[bool], limit: int | None = None
) -> tuple[Message, ...]:
    """Messages, the oldest first.

    Args:
        connection: Within a transaction.
        where: Of the outbox.
        limit: At most so many.
    """
    rows = connection.execute(
        select(OUTBOX, *_PROGRESS)
        .join_from(OUTBOX, DELIVERIES, DELIVERIES.c.message == OUTBOX.c.id)
        .where(where)
        .order_by(OUTBOX.c.sequence)
        .limit(limit)
    ).all()
    bodies = read_parts(connection, (row.sequence for row in rows))
    return tuple(
        record(
            Message,
            values,
            body=_body(bodies.get((values["sequence"], BODY))),
        )
        for values in named(connection, rows)
    )


def _body(document: bytes | None) -> Any:
    return None if document is None else json.loads(document)
