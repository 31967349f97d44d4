"""Tables in the course of time, by Alembic."""

from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select


def recorded_revision(connection: Connection, version_table: str) -> str | None:
    """The revision of the tables that there are; None if there are none.

    Args:
        connection: To the database.
        version_table: Where Alembic keeps the revision.
    """
    if not inspect(connection).has_table(version_table):
        return None
    versions = Table(version_table, MetaData(), Column("version_num", String(32)))
    found: str | None = connection.scalar(select(versions.c.version_num))
    return found


def to_head(connection: Connection, migrations: Path, **attributes: Any) -> None:
    """Make the tables, or bring those that there are up to date.

    Args:
        connection: Within a transaction that nobody writes beside.
        migrations: The folder of the migrations and their `env.py`.
        attributes: What the migrations are told.
    """
    # Only here: it takes long to load, and a database is seldom made.
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A percent sign would be taken for the beginning of a variable.
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes.update(connection=connection, **attributes)
    command.upgrade(config, "head")
