"""Erasing what is known of somebody, while the chain of events stays whole.

What goes: the name, the names of works and requests, every private part of the events about the
account, and of messages to it. What stays: that something happened, when, by which rule, under a
number that stands for nobody.
"""

from sqlalchemy import Connection, Select, delete, select, update

from databases.engines import Database
from databases.erasure import holder_of_deleted_rows, rewrite_sqlite
from storage.errors import RecordsBusy
from storage.failures import database_errors
from storage.private import forget
from storage.state import DECISIONS, OUTBOX, POSTS, REQUESTS
from storage.tables import (
    ACCEPTED,
    ATTACHMENTS,
    DELIVERIES,
    EVENTS,
    HEAD,
    NAMES,
    NEARNESS,
    PREVIEWS,
    PRIVATE,
    SUBMITTED,
)

PATIENCE = 30.0
"""Seconds that an erasure waits for transactions that still see what is erased."""

SMALL = 100_000
"""Private parts up to which PostgreSQL's tables are written anew; beyond, space is freed, and the
last bytes go as new rows are written there, or with a `VACUUM FULL` when the operator chooses."""


CLEANED = (NAMES, PRIVATE, NEARNESS, DELIVERIES, ACCEPTED, ATTACHMENTS, PREVIEWS, SUBMITTED)
"""Tables from which something is deleted."""


def erase(connection: Connection, account: int) -> int:
    """Delete what is known of an account; the event that says so was appended before.

    Args:
        connection: Within a transaction that nobody writes beside.
        account: Its number.

    Returns:
        How many private parts were deleted.
    """
    mine = select(EVENTS.c.sequence).where(EVENTS.c.account == account)
    told = select(OUTBOX.c.sequence).where(OUTBOX.c.recipient == account)
    gone = forget(connection, mine) + forget(connection, told)
    to_them = select(OUTBOX.c.id).where(OUTBOX.c.recipient == account)
    connection.execute(
        update(DELIVERIES).where(DELIVERIES.c.message.in_(to_them)).values(error=None)
    )
    for numbers in (
        select(POSTS.c.work).where(POSTS.c.account == account),
        select(DECISIONS.c.work).where(DECISIONS.c.account == account),
        select(REQUESTS.c.request).where(REQUESTS.c.client == account),
    ):
        _delete_names(connection, numbers)
    connection.execute(delete(NAMES).where(NAMES.c.number == account))
    connection.execute(update(HEAD).values(unclean=True))
    return gone


def _delete_names(connection: Connection, numbers: Select[tuple[int]]) -> None:
    connection.execute(delete(NAMES).where(NAMES.c.number.in_(numbers)))


def clean(database: Database, patience: float = PATIENCE) -> None:
    """Leave nothing in the files of what was deleted.

    Args:
        database: Of the records.
        patience: Seconds to wait for transactions that may still see it, on PostgreSQL.

    Raises:
        RecordsBusy: Somebody still reads it; names who, where the database tells.
    """
    autocommit = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with database_errors(database.place), autocommit.connect() as connection:
        if database.engine.dialect.name == "postgresql":
            holder = holder_of_deleted_rows(connection, patience)
            if holder is None:
                large = connection.scalar(select(PRIVATE.c.sequence).offset(SMALL).limit(1))
                how = "VACUUM" if large is not None else "VACUUM (FULL)"
                names = ", ".join(table.name for table in CLEANED)
                connection.exec_driver_sql(f"{how} {names}")
        else:
            holder = None if rewrite_sqlite(connection) else "another process"
    if holder is not None:
        raise RecordsBusy(
            f"{holder} still reads what was erased from the records in {database.place}: end it,"
            " and erase again"
        )
