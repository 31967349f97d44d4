"""Opening the records by the address of their database."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.extras import require_extra
from core.text import printable
from databases.engines import PATIENCE, Database, exclusive, postgres_database, sqlite_database
from databases.errors import BadAddress
from storage.errors import RecordsBusy, RecordsNotFound
from storage.failures import database_errors
from storage.migrate import check_revision, recorded_revision, to_head
from storage.store import LOCK, Store
from storage.tables import REVISION

POSTGRES = ("postgresql:", "postgresql+psycopg:", "postgres:")
"""How the address of a PostgreSQL database begins."""


def open_store(
    address: str,
    *,
    create: bool = True,
    patience: float = PATIENCE,
    connections: int | None = None,
) -> Store:
    """Open the records.

    Args:
        address: `sqlite:///FILE`, or `postgresql://user:password@host/database`.
        create: Whether to make the tables if there are none.
        patience: Seconds that an act waits for another.
        connections: To PostgreSQL at once, at most, two at least; None for as many as threads
            ask for.

    Raises:
        BadAddress: That is no address of a database.
        RecordsNotFound: There are none.
        RecordsOutdated: The tables are of another revision; says what to do.
        RecordsBusy: Another process is writing.
        BrokenRecords: The database cannot be read.
        MissingExtra: What PostgreSQL needs is not installed.
    """
    database = _database(address, patience, create=create, connections=connections)
    try:
        with database_errors(database.place), database.engine.begin() as connection:
            absent = recorded_revision(connection) is None
        if absent and create:
            _upgrade(database)
        with database_errors(database.place), database.engine.begin() as connection:
            check_revision(connection, database.place)
        store = Store(database)
        with suppress(RecordsBusy):  # Then whoever opens it next does it.
            store.clean()
    except BaseException:
        database.engine.dispose()
        raise
    return store


def upgrade(address: str) -> str | None:
    """Make the tables of the records, or bring them up to date.

    Args:
        address: As of `open_store`.

    Returns:
        The revision that they had; None if there were none.

    Raises:
        BadAddress: That is no address of a database.
        RecordsBusy: Another process is writing.
        RecordsOutdated: They are newer than this version.
        BrokenRecords: The database cannot be read or written.
    """
    database = _database(address, PATIENCE, create=True)
    try:
        return _upgrade(database)
    finally:
        database.engine.dispose()


def _upgrade(database: Database) -> str | None:
    writer = exclusive(database.engine, LOCK)
    with database_errors(database.place), writer.begin() as connection:
        before = recorded_revision(connection)
        if before is not None and before > REVISION:
            check_revision(connection, database.place)
        to_head(connection)
        return before


def _database(
    address: str, patience: float, *, create: bool, connections: int | None = None
) -> Database:
    if address.startswith(POSTGRES):
        require_extra("postgres", "PostgreSQL", "psycopg")
        return postgres_database(address, patience=patience, connections=connections)
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "sqlite" or not url.database:
        raise BadAddress(
            f"no address of a database: {printable(address)}: write sqlite:///FILE or"
            " postgresql://USER@HOST/DATABASE"
        )
    path = Path(url.database)
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.is_file():
        raise RecordsNotFound(
            f"there are no records in {printable(address)}: `rakkan database upgrade` makes the"
            " tables"
        )
    return sqlite_database(path, patience=patience, place=str(path))
