"""Connections to a database, and what can go wrong with them."""

import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from core.text import printable
from databases.errors import BadAddress

PATIENCE = 5.0
"""Seconds that a change waits for another process."""

PROGRAM = "rakkan"
"""As what a process is known to PostgreSQL, before its machine and number."""

KEPT_CONNECTIONS = 2
"""Of those that a process may open, that it keeps: PostgreSQL allows all together a hundred."""

EXCLUSIVE = "rakkan_exclusive"
"""Execution option of a transaction that no other writes beside: the number of its lock."""

_FLUSHED_LATER = "rakkan_flushed_later"
"""Execution option of a connection whose transactions are not yet on the disk when they end."""

_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a lock that was not to be had in time."""

_FULL = ("too many clients", "too many connections", "remaining connection slots")
"""What PostgreSQL says where it takes no more connections: no code reaches whoever connects."""

_READ_ONLY = "25006"
"""PostgreSQL's code for a change within a transaction that only reads."""


@dataclass(frozen=True)
class Database:
    """A database.

    Attributes:
        engine: Connects to it.
        place: How errors call it.
        read_only: Whether nothing may be written.
        stamp: Changes when a reading that is under way may have seen some of two states, and has
            to be done again.
    """

    engine: Engine
    place: str
    read_only: bool = False
    stamp: Callable[[], object] = lambda: None


def exclusive(engine: Engine, lock: int) -> Engine:
    """The same engine, for transactions that no other writes beside; they wait for each other.

    Args:
        engine: Of a database.
        lock: Number of the lock that they hold on PostgreSQL, with another of the schema: what
            uses other tables of one database does not wait.
    """
    return engine.execution_options(**{EXCLUSIVE: lock})


@contextmanager
def writing(writer: Engine) -> Iterator[Connection]:
    """A transaction that no other writes beside, and that survives a power cut once it is over.

    On PostgreSQL the next may begin before this one is on the disk: whatever it finds is written
    before its own. Only whoever did this one waits for the disk, and those who wait at the same
    time wait for one writing.

    Args:
        writer: As `exclusive` makes it.
    """
    with writer.connect() as connection:
        if connection.dialect.name != "postgresql":
            with connection.begin():
                yield connection
            return
        with connection.execution_options(**{_FLUSHED_LATER: True}).begin():
            yield connection
        _flush(connection)


def _flush(connection: Connection) -> None:
    """Wait until all that was committed is on the disk, and on a standby that is waited for.

    PostgreSQL has no word for that. A message in its log of writes, which nobody reads, is the
    least that a transaction can write; to end it is to wait for all that was written before.
    """
    with connection.execution_options(**{EXCLUSIVE: None}).begin():
        connection.execute(select(func.pg_logical_emit_message(True, "rakkan", "")))


def sqlite_database(path: Path, *, patience: float, place: str | None = None) -> Database:
    """Open a database file; made if absent.

    Args:
        path: Of the file.
        patience: Seconds to wait for another writer.
        place: How errors call the database; by default its folder.
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
            connection.exec_driver_sql("BEGIN IMMEDIATE" if EXCLUSIVE in options else "BEGIN")

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


def postgres_database(
    address: str, *, patience: float, read_only: bool = False, connections: int | None = None
) -> Database:
    """Connect to a database when it is first needed.

    Args:
        address: As `postgresql://user:password@host/database`.
        patience: Seconds to wait for another writer, or for a connection.
        read_only: Whether the server is to refuse all changes.
        connections: At most so many at once, of which `KEPT_CONNECTIONS` stay open while nobody
            asks for them; None for as many as are asked for, of which five stay.

    Returns:
        The database; its place is the address without the password.

    Raises:
        BadAddress: That is none.
    """
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except ArgumentError as error:
        raise BadAddress(f"no address of a database: {printable(address)}") from error
    place = url.set(drivername="postgresql").render_as_string()
    options = [f"-c lock_timeout={round(patience * 1000)}"]
    if read_only:
        options.append("-c default_transaction_read_only=on")
    # What the address asks for, such as a search path, is kept.
    asked = url.query.get("options", ())
    options += [asked] if isinstance(asked, str) else asked
    engine = create_engine(
        url.difference_update_query(["options"]),
        pool_size=5 if connections is None else KEPT_CONNECTIONS,
        max_overflow=-1 if connections is None else connections - KEPT_CONNECTIONS,
        pool_timeout=patience,
        pool_pre_ping=True,
        connect_args={
            "options": " ".join(options),
            "fallback_application_name": f"{PROGRAM} {socket.gethostname()} {os.getpid()}",
        },
    )

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        options = connection.get_execution_options()
        lock = options.get(EXCLUSIVE)
        if lock is not None:
            schema = func.hashtext(func.current_schema())
            asked: list[ColumnElement[Any]] = [func.pg_advisory_xact_lock(lock, schema)]
            if _FLUSHED_LATER in options:
                asked.append(func.set_config("synchronous_commit", "off", True))
            connection.execute(select(*asked))

    return Database(engine, place, read_only=read_only)


def reading(database: Database) -> Engine:
    """The engine, for transactions that see one state, however long they take."""
    if database.engine.dialect.name == "postgresql":
        return database.engine.execution_options(isolation_level="REPEATABLE READ")
    return database.engine  # As SQLite's always do.


class Failure(Enum):
    """Why a database did not do what it was asked to."""

    BUSY = "busy"
    """Another process is writing."""
    FULL = "full"
    """It takes no more connections."""
    READ_ONLY = "read_only"
    """It may only be read."""
    BROKEN = "broken"


def failure(error: DBAPIError) -> Failure:
    """What an error of a database says."""
    cause = error.orig
    state = getattr(cause, "sqlstate", None)
    if state is None and any(words in str(cause) for words in _FULL):
        return Failure.FULL
    if state == _NOT_AVAILABLE or (isinstance(cause, sqlite3.Error) and "locked" in str(cause)):
        return Failure.BUSY
    return Failure.READ_ONLY if state == _READ_ONLY else Failure.BROKEN
