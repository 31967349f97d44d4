"""The tree of things that can be wrong before anything is judged, each with a stable code."""

from core.errors import RakkanError


class SettingsError(RakkanError):
    """A setting has a value that cannot be."""

    code = "settings"


class SourceError(RakkanError):
    """One file or archive member that cannot be read: a row with `error`, never a failed scan."""

    code = "source"
