"""Connections to the database of a ledger, and what can go wrong with them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from core.text import printable
from similarity.errors import BrokenIndex, IndexBusy, IndexNotFound, IndexReadOnly

PATIENCE = 5.0
"""Seconds that a change waits for another process."""

_EXCLUSIVE = "rakkan_exclusive"
"""Execution option: whether a transaction is the only one that writes."""

_LOCK = 0x52616B6B
"""First number of the lock that writers on PostgreSQL hold: `Rakk` in ASCII. The second is of the
schema, so that two indices in one database do not wait for each other."""

_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a lock that was not to be had in time."""

_READ_ONLY = "25006"
"""PostgreSQL's code for a change within a transaction that only reads."""


@dataclass(frozen=True)
class Database:
    """The database of a ledger.

    Attributes:
        engine: Connects to it.
        place: How errors call the index.
        read_only: Whether nothing may be written.
        stamp: Changes when a reading that is under way may have seen some of two states, and has
            to be done again.
    """

    engine: Engine
    place: str
    read_only: bool = False
    stamp: Callable[[], object] = lambda: None


def exclusive(engine: Engine) -> Engine:
    """The same engine, for transactions that no other writes beside; they wait for each other."""
    return engine.execution_options(**{_EXCLUSIVE: True})


def sqlite_database(path: Path, *, patience: float, place: str | None = None) -> Database:
    """Open a database file; made if absent.

    Args:
        path: Of the file.
        patience: Seconds to wait for another writer.
        place: How errors call the index; by default its folder.
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
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_EXCLUSIVE) else "BEGIN")

    return Database(engine, place or str(path.parent))


def sqlite_reader(path: Path, *, patience: float) -> Database:
    """Open a database file to read from it, without writing anything anywhere.

    While some process has the file open for changes, its log of writes lies beside it, and SQLite
    keeps the two together. Where there is none, SQLite would make one for a mere reader. So the
    file is then read as one that never changes, without locks: should a writer come meanwhile,
    its log or the new time of the file tells, and what was read is read again.

    Args:
        path: Of the file.
        patience: Seconds to wait for a writer.
    """
    log = path.with_name(f"{path.name}-wal")

    def connect() -> sqlite3.Connection:
        how = "mode=ro" if log.exists() else "immutable=1"
        uri = f"file:{quote(str(path))}?{how}"
        return sqlite3.connect(
            uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False
        )

    def stamp() -> object:
        if log.exists():
            return "live"
        try:
            facts = path.stat()
        except OSError:
            return None
        return (facts.st_ino, facts.st_size, facts.st_mtime_ns)

    # A connection is for one transaction: none of an earlier state of the file is used again.
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return Database(engine, str(path.parent), read_only=True, stamp=stamp)


def postgres_database(address: str, *, patience: float, read_only: bool = False) -> Database:
    """Connect to a database when it is first needed.

    Args:
        address: As `postgresql://user:password@host/database`.
        patience: Seconds to wait for another writer.
        read_only: Whether the server is to refuse all changes.

    Returns:
        The database; its place is the address without the password.

    Raises:
        IndexNotFound: That is no address.
    """
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except ArgumentError as error:
        raise IndexNotFound(f"no address of a database: {printable(address)}") from error
    place = url.set(drivername="postgresql").render_as_string()
    options = [f"-c lock_timeout={round(patience * 1000)}"]
    if read_only:
        options.append("-c default_transaction_read_only=on")
    # What the address asks for, such as a search path, is kept.
    asked = url.query.get("options", ())
    options += [asked] if isinstance(asked, str) else asked
    engine = create_engine(
        url.difference_update_query(["options"]),
        max_overflow=-1,
        pool_pre_ping=True,
        connect_args={"options": " ".join(options)},
    )

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        if connection.get_execution_options().get(_EXCLUSIVE):
            schema = func.hashtext(func.current_schema())
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK, schema)))

    return Database(engine, place, read_only=read_only)


def reading(database: Database) -> Engine:
    """The engine, for transactions that see one state, however long they take."""
    if database.engine.dialect.name == "postgresql":
        return database.engine.execution_options(isolation_level="REPEATABLE READ")
    return database.engine  # As SQLite's always do.


def rewrite(database: Database) -> None:
    """Rewrite an SQLite database, so that its files hold nothing of what was deleted.

    `secure_delete` alone is not enough: when SQLite moves rows from one page to another, the unused
    part of the first may keep them.

    Raises:
        IndexBusy: A reader of another process does not end.
    """
    autocommit = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with database_errors(database.place), autocommit.connect() as connection:
        connection.exec_driver_sql("VACUUM")
        # The log of writes has the old pages: empty it.
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:
        raise IndexBusy(f"another process is reading the index {database.place}")


@contextmanager
def database_errors(place: str) -> Iterator[None]:
    """Turn errors of the database into ours.

    Raises:
        IndexBusy: Another process is writing.
        IndexReadOnly: The database may only be read.
        BrokenIndex: The database cannot be read or written.
    """
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        state = getattr(cause, "sqlstate", None)
        if state == _NOT_AVAILABLE or (isinstance(cause, sqlite3.Error) and "locked" in str(cause)):
            raise IndexBusy(f"another process is changing the index {place}: try again") from error
        if state == _READ_ONLY:
            raise IndexReadOnly(f"the index {place} can only be read") from error
        line = " ".join(str(cause).split())
        raise BrokenIndex(f"the database of the index {place} fails: {line}") from error
