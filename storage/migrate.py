"""The tables of the records in the course of time, by Alembic.

The migrations lie in `migrations/versions`, named by a number that rises. What this version of
rakkan works with is `tables.REVISION`.
"""

from pathlib import Path

from sqlalchemy import Connection

import databases.migrations
from storage.errors import RecordsNotFound, RecordsOutdated
from storage.tables import REVISION, VERSION_TABLE

MIGRATIONS = Path(__file__).with_name("migrations")


def recorded_revision(connection: Connection) -> str | None:
    """The revision of the tables that there are; None if there are none."""
    return databases.migrations.recorded_revision(connection, VERSION_TABLE)


def to_head(connection: Connection) -> None:
    """Make the tables, or bring those that there are up to date.

    Args:
        connection: Within a transaction that nobody writes beside.
    """
    databases.migrations.to_head(connection, MIGRATIONS)


def check_revision(connection: Connection, place: str) -> None:
    """Whether the tables are those of this version.

    Raises:
        RecordsNotFound: There are none.
        RecordsOutdated: They are older or newer; says what to do.
    """
    revision = recorded_revision(connection)
    if revision is None:
        raise RecordsNotFound(
            f"there are no records in {place}: `rakkan database upgrade` makes the tables"
        )
    if revision < REVISION:
        raise RecordsOutdated(
            f"the records in {place} were made by an older version of rakkan: `rakkan database"
            " upgrade` brings them up to date"
        )
    if revision > REVISION:
        raise RecordsOutdated(
            f"the records in {place} were made by a newer version of rakkan: install that version"
        )
