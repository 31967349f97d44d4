"""What can go wrong before a database is known to be one of ours."""

from core.errors import RakkanError


class DatabasesError(RakkanError):
    """Base of all errors of this package."""

    code = "databases"


class BadAddress(DatabasesError):
    """What should be the address of a database is none."""

    code = "bad_address"
