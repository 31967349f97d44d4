"""Connections to the database of a ledger, and what can go wrong with them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from core.text import printable
from similarity.errors import BrokenIndex, IndexBusy, IndexNotFound

_ALONE = "rakkan_alone"
"""Execution option: whether a transaction is the only one that writes."""

_LOCK = 0x52616B6B616E
"""Number of the lock that writers on PostgreSQL hold: `Rakkan` in ASCII."""

_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a lock that was not to be had in time."""


def alone(engine: Engine) -> Engine:
    """The same engine, for transactions that no other writes beside; they wait for each other."""
    return engine.execution_options(**{_ALONE: True})


def sqlite_engine(path: Path, *, patience: float) -> Engine:
    """Open a database file; made if absent.

    Args:
        path: Of the file.
        patience: Seconds to wait for another writer.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        # Searches come from many threads; none should wait for a connection.
        max_overflow=-1,
        connect_args={"timeout": patience, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _: Any) -> None:
        # None: transactions begin where we say so, and not where Python guesses.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            # A transaction that was committed survives a power cut, too.
            "synchronous = FULL",
            "foreign_keys = ON",
            # What is deleted is overwritten with zeros.
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_ALONE) else "BEGIN")

    return engine


def postgres_engine(address: str, *, patience: float) -> tuple[Engine, str]:
    """Connect to a database when it is first needed.

    Args:
        address: As `postgresql://user:password@host/database`.
        patience: Seconds to wait for another writer.

    Returns:
        The engine, and the address without the password.

    Raises:
        IndexNotFound: That is no address.
    """
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except ArgumentError as error:
        raise IndexNotFound(f"no address of a database: {printable(address)}") from error
    engine = create_engine(
        url,
        max_overflow=-1,
        pool_pre_ping=True,
        connect_args={"options": f"-c lock_timeout={round(patience * 1000)}"},
    )

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        if connection.get_execution_options().get(_ALONE):
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    return engine, url.set(drivername="postgresql").render_as_string()


def rewrite(engine: Engine, place: str) -> None:
    """Rewrite a database, so that its files hold nothing of what was deleted.

    `secure_delete` alone is not enough: when SQLite moves rows from one page to another, the unused
    part of the first may keep them.

    Raises:
        IndexBusy: A reader of another process does not end.
    """
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with told(place), autocommit.connect() as connection:
        connection.exec_driver_sql("VACUUM")
        # The log of writes has the old pages: empty it.
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:
        raise IndexBusy(f"another process is reading the index {place}")


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn errors of the database into ours.

    Raises:
        IndexBusy: Another process is writing.
        BrokenIndex: The database cannot be read or written.
    """
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        state = getattr(cause, "sqlstate", None)
        if state == _NOT_AVAILABLE or (isinstance(cause, sqlite3.Error) and "locked" in str(cause)):
            raise IndexBusy(f"another process is changing the index {place}: try again") from error
        line = " ".join(str(cause).split())
        raise BrokenIndex(f"the database of the index {place} fails: {line}") from error
