"""Types of columns that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only under the type INTEGER, which is as long as a BIGINT there."""

NAME = Text().with_variant(Text(collation="C"), "postgresql")
"""PostgreSQL sorts texts by the language of the database, SQLite and Python by code points."""


class Moment(TypeDecorator[datetime]):
    """A time with a zone, kept in UTC: SQLite's own type forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def metadata() -> MetaData:
    """Of tables whose constraints have names, so that migrations can speak of them."""
    return MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
