"""Leaving nothing of what was deleted in the files of a database."""

import time

from sqlalchemy import Connection, text

_POLL = 0.05

_HOLDERS = text("""
    WITH holders AS (
        SELECT format('the session %s (%s)', pid, coalesce(state, backend_type, 'unknown')) AS who,
               xid
        FROM pg_stat_activity, unnest(ARRAY[backend_xmin, backend_xid]) AS xid
        WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datid IS NULL)
        UNION ALL
        SELECT format('the prepared transaction %s', gid), transaction
        FROM pg_prepared_xacts WHERE database = current_database()
        UNION ALL
        SELECT format('the replication slot %s', slot_name), xid
        FROM pg_replication_slots, unnest(ARRAY[xmin, catalog_xmin]) AS xid
    )
    SELECT who FROM holders
    WHERE xid IS NOT NULL AND age(xid) > age(CAST(CAST(:horizon AS xid8) AS xid))
    ORDER BY age(xid) DESC LIMIT 1
""")
"""What keeps PostgreSQL from clearing away rows that were deleted before a transaction number."""


def rewrite_sqlite(connection: Connection) -> bool:
    """Rewrite an SQLite database, so that its files hold nothing of what was deleted.

    `secure_delete` alone is not enough: when SQLite moves rows from one page to another, the unused
    part of the first may keep them.

    Args:
        connection: Outside of a transaction.

    Returns:
        Whether it is done; not while another process reads.
    """
    connection.exec_driver_sql("VACUUM")
    # The log of writes has the old pages: empty it.
    busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def holder_of_deleted_rows(connection: Connection, patience: float) -> str | None:
    """Wait for all transactions that may still see what is deleted now, on PostgreSQL.

    PostgreSQL clears away no row that a transaction which began earlier may still see, whatever
    table that one reads.

    Args:
        connection: Outside of a transaction.
        patience: Seconds to wait.

    Returns:
        What still may see them after that, by its name; None where nothing does.
    """
    horizon = connection.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))
    deadline = time.monotonic() + patience
    while (holder := connection.scalar(_HOLDERS, {"horizon": horizon})) is not None:
        if time.monotonic() >= deadline:
            return str(holder)
        time.sleep(_POLL)
    return None
