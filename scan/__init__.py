"""An archive of images to a table and a report: source, judge, sink."""

from scan.errors import (
    DamagedScanError,
    IndexChangedError,
    JournalError,
    OtherScanError,
    ScanBusyError,
    ScanError,
    ScanExistsError,
)
from scan.layout import TableFormat
from scan.rules import Rules
from scan.run import scan
from scan.schema import ScanRow, parquet_schema
from scan.summary import Progress, Summary

__all__ = [
    "DamagedScanError",
    "IndexChangedError",
    "JournalError",
    "OtherScanError",
    "Progress",
    "Rules",
    "ScanBusyError",
    "ScanError",
    "ScanExistsError",
    "ScanRow",
    "Summary",
    "TableFormat",
    "parquet_schema",
    "scan",
]
