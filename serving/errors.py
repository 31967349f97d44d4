"""The tree of things that can be wrong before anything is judged, each with a stable code."""

from core.errors import RakkanError


class SettingsError(RakkanError):
    """A setting has a value that cannot be."""

    code = "settings"


class SourceError(RakkanError):
    """One file or archive member that cannot be read: a row with `error`, never a failed scan."""

    code = "source"


class Overloaded(RakkanError):
    """Too many uploads are waiting.

    Attributes:
        retry_after: Seconds after which another may be accepted.
    """

    code = "overloaded"

    def __init__(self, message: str, *, retry_after: float) -> None:
        """Say so, and when to come again."""
        super().__init__(message)
        self.retry_after = retry_after
