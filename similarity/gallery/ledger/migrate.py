"""The tables of a ledger in the course of time, by Alembic.

The migrations lie in `migrations/versions`, of which each is made by `alembic revision` and named
by a number that rises. What this version of rakkan works with is `tables.REVISION`.
"""

from pathlib import Path

from sqlalchemy import Connection

import databases.migrations
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.tables import PREFIX

MIGRATIONS = Path(__file__).with_name("migrations")

VERSION_TABLE = f"{PREFIX}revision"
"""Where Alembic keeps the revision; its own name for it may be taken by other tables."""


def recorded_revision(connection: Connection) -> str | None:
    """The revision of the tables that there are; None if there are none."""
    return databases.migrations.recorded_revision(connection, VERSION_TABLE)


def to_head(connection: Connection, identity: Identity) -> None:
    """Make the tables, or bring those that there are up to date.

    Args:
        connection: Within a transaction that nobody writes beside.
        identity: Of the index: on PostgreSQL, columns have the lengths of its vectors.
    """
    databases.migrations.to_head(connection, MIGRATIONS, identity=identity)
