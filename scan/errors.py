"""The tree of things that can be wrong with a scan, each with a stable code."""

from core.errors import RakkanError


class ScanError(RakkanError):
    """A scan that cannot be done. `str(error)` is one plain line for a person."""

    code = "scan"


class ScanExistsError(ScanError):
    """The folder holds a scan already, and nobody asked to resume it."""

    code = "scan_exists"


class ScanNotFoundError(ScanError):
    """The folder holds no scan."""

    code = "scan_not_found"


class OtherScanError(ScanError):
    """The folder holds a scan of something else, or with another model."""

    code = "scan_other"


class ScanBusyError(ScanError):
    """Another process is scanning into the same folder."""

    code = "scan_busy"


class DamagedScanError(ScanError):
    """The journal in the folder cannot be read."""

    code = "scan_damaged"


class IndexChangedError(ScanError):
    """Works were taken out of the index while it was searched: nobody may find them any more."""

    code = "scan_index_changed"


class JournalError(ScanError):
    """The journal cannot be written, as on a full disk."""

    code = "scan_journal"


class ArchivesClosed(ScanError):
    """The operator allows no folder of archives to be scanned over HTTP."""

    code = "archives_closed"


class ArchiveNotFound(ScanError):
    """What is to be scanned is not below the folder of archives."""

    code = "archive_not_found"


class ScanUnfinished(ScanError):
    """The scan has no results: it has not ended, or failed."""

    code = "scan_unfinished"


class ScanDied(ScanError):
    """The process that did the scan ended again and again without saying why."""

    code = "scan_died"


class ClusterError(ScanError):
    """The cluster that runs a scan cannot be reached, or failed."""

    code = "scan_cluster"
