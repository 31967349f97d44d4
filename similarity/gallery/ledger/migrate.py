"""The tables of a ledger in the course of time, by Alembic.

The migrations lie in `migrations/versions`, of which each is made by `alembic revision` and named
by a number that rises. What this version of rakkan works with is `tables.REVISION`.
"""

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.tables import PREFIX

MIGRATIONS = Path(__file__).with_name("migrations")

VERSION_TABLE = f"{PREFIX}revision"
"""Where Alembic keeps the revision; its own name for it may be taken by other tables."""

_VERSIONS = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


def recorded_revision(connection: Connection) -> str | None:
    """The revision of the tables that there are; None if there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(select(_VERSIONS.c.version_num))
    return found


def to_head(connection: Connection, identity: Identity) -> None:
    """Make the tables, or bring those that there are up to date.

    Args:
        connection: Within a transaction that nobody writes beside.
        identity: Of the index: on PostgreSQL, columns have the lengths of its vectors.
    """
    # Only here: it takes long to load, and an index is seldom made.
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A percent sign would be taken for the beginning of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes.update(connection=connection, identity=identity)
    command.upgrade(config, "head")
