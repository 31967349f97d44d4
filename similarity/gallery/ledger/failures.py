"""What can go wrong with the database of a ledger."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from databases.engines import Database, Failure, failure
from databases.erasure import rewrite_sqlite
from similarity.errors import BrokenIndex, IndexBusy, IndexReadOnly


@contextmanager
def database_errors(place: str) -> Iterator[None]:
    """Turn errors of the database into ours.

    Raises:
        IndexBusy: Another process is writing, or the database takes no more connections.
        IndexReadOnly: The database may only be read.
        BrokenIndex: The database cannot be read or written.
    """
    try:
        yield
    except DBAPIError as error:
        match failure(error):
            case Failure.BUSY:
                message = f"another process is changing the index {place}: try again"
                raise IndexBusy(message) from error
            case Failure.FULL:
                message = f"the database of the index {place} takes no more connections: try again"
                raise IndexBusy(message) from error
            case Failure.READ_ONLY:
                raise IndexReadOnly(f"the index {place} can only be read") from error
        line = " ".join(str(error.orig).split())
        raise BrokenIndex(f"the database of the index {place} fails: {line}") from error


def rewrite(database: Database) -> None:
    """Rewrite an SQLite database, so that its files hold nothing of what was deleted.

    Raises:
        IndexBusy: A reader of another process does not end.
    """
    autocommit = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with database_errors(database.place), autocommit.connect() as connection:
        done = rewrite_sqlite(connection)
    if not done:
        raise IndexBusy(f"another process is reading the index {database.place}")
