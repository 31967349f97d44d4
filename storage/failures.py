"""What can go wrong with the database of the records."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from databases.engines import Failure, failure
from storage.errors import BrokenRecords, RecordsBusy, RecordsReadOnly


@contextmanager
def database_errors(place: str) -> Iterator[None]:
    """Turn errors of the database into ours.

    Raises:
        RecordsBusy: Another process is writing, or there is no connection to be had.
        RecordsReadOnly: The database may only be read.
        BrokenRecords: The database cannot be read or written.
    """
    try:
        yield
    except NoConnection as error:
        raise RecordsBusy(
            f"this process has all its connections to the records in {place} in use: try again, or"
            " allow it more (RAKKAN_CONNECTIONS)"
        ) from error
    except DBAPIError as error:
        match failure(error):
            case Failure.BUSY:
                message = f"another process is writing the records in {place}: try again"
                raise RecordsBusy(message) from error
            case Failure.FULL:
                raise RecordsBusy(
                    f"the database of the records {place} takes no more connections: raise its"
                    " max_connections, or have each process open fewer (RAKKAN_CONNECTIONS)"
                ) from error
            case Failure.READ_ONLY:
                raise RecordsReadOnly(f"the records in {place} can only be read") from error
        line = " ".join(str(error.orig).split())
        raise BrokenRecords(f"the database of the records {place} fails: {line}") from error
