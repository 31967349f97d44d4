"""What can go wrong with the records."""

from core.errors import RakkanError


class StorageError(RakkanError):
    """Base of all errors of this package."""

    code = "storage"


class RecordsNotFound(StorageError):
    """There are no records where they are looked for."""

    code = "records_not_found"


class RecordsOutdated(StorageError):
    """The tables are those of another version."""

    code = "records_outdated"


class RecordsBusy(StorageError):
    """Another process is writing or reads what is to be erased, or all connections are in use."""

    code = "records_busy"


class RecordsReadOnly(StorageError):
    """The database may only be read."""

    code = "records_read_only"


class BrokenRecords(StorageError):
    """The database cannot be read or written."""

    code = "broken_records"


class UnknownRecord(StorageError):
    """There is no record of that name or id."""

    code = "unknown_record"


class BadText(StorageError):
    """A text that no database can keep."""

    code = "bad_text"


class KeyNameTaken(StorageError):
    """A key of the service has that name already."""

    code = "key_name_taken"


class PersonExists(StorageError):
    """Somebody of that name may sign in already."""

    code = "person_exists"
